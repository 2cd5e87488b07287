FROM python:3.12-slim-bookworm

# Characters beyond the two fonts that we bring are drawn from this one.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends fonts-hanazono \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /census-staff
COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements.txt

COPY . .
# No database is asked and no secret is used; the settings only want to see the names.
RUN DATABASE_URL=none REDIS_URL=none CENSUS_SECRET_KEY=none CENSUS_FIELD_KEYS=none \
    CENSUS_DIGEST_KEY=none CENSUS_TOKEN_KEY=none python manage.py messages compile

RUN useradd --uid 10001 --no-create-home census && install --directory --owner census --mode 0700 /state
USER census
ENV CENSUS_STATE_DIR=/state PYTHONUNBUFFERED=1
EXPOSE 8000
CMD ["granian", "--interface=wsgi", "--no-ws", "--host=0.0.0.0", "--port=8000", "census_staff.wsgi:application"]
