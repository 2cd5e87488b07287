"""May this installation start? Its secrets and its database are asked before anybody is served."""
