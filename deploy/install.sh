#!/bin/sh
# Installs the tracker on Debian 12 or later, or brings an installation up to date:
#
#   git clone ADDRESS /srv/tracker
#   /srv/tracker/deploy/install.sh tracker.example.org
#
# docs/deployment.md explains each step. It may be run again; what is there stays.
set -eu

host=${1:?"the name of the site, such as tracker.example.org"}
app=/srv/tracker
data=/var/lib/tracker
cd "$app"

manage() { runuser -u tracker -- "$app/.venv/bin/python" "$app/manage.py" "$@"; }

# 1. Programs, and a user that owns nothing but the data
apt-get install -y python3-venv postgresql nginx fonts-noto-cjk
getent passwd tracker >/dev/null || adduser --system --group --no-create-home --home "$data" tracker
install -d -o tracker -g tracker -m 700 "$data" "$data/evidence" "$data/cache" "$data/backups"
install -d -o tracker -g tracker -m 755 "$data/static"

# 2. Libraries, as the requirements name them with their digests
[ -x .venv/bin/python ] || /usr/bin/python3 -m venv .venv
.venv/bin/pip install --quiet --require-hashes -r requirements.txt
# Single sign-on, metrics, an object store and a shared cache need more.
if grep -qsE '^(OIDC_ISSUER|METRICS_TOKEN|EVIDENCE_STORE)=.|^CACHE_URL=.?rediss?:' .env; then
    .venv/bin/pip install --quiet --require-hashes -r requirements-extras.txt
fi

# 3. Settings, readable by the user alone
if [ ! -e .env ]; then
    (umask 077 && sed -e "s/@HOST@/$host/g" -e "s|@SECRET_KEY@|$(.venv/bin/python -c \
        'import secrets; print(secrets.token_urlsafe(50))')|" deploy/site.env >.env)
fi
chown tracker: .env
chmod 600 .env

# 4. A database that the user reaches by the socket of the machine, without a password
runuser -u postgres -- psql -qtAc "SELECT 1 FROM pg_roles WHERE rolname = 'tracker'" | grep -q 1 ||
    runuser -u postgres -- createuser tracker
runuser -u postgres -- psql -qtAc "SELECT 1 FROM pg_database WHERE datname = 'tracker'" | grep -q 1 ||
    # For every script, also where Debian was installed without a locale.
    runuser -u postgres -- createdb --owner tracker --template template0 --encoding UTF8 --locale C.UTF-8 tracker
manage migrate --verbosity 0
manage make_ledger_key --if-absent
manage collectstatic --noinput --verbosity 0
# Errors end this script; warnings are only shown, so that none stops an upgrade half-way.
manage check --deploy

# 5. Services: the application, its regular tasks, a backup every night
cp deploy/tracker.service deploy/tracker-tick.* deploy/tracker-backup.* /etc/systemd/system/
install -D -m 644 deploy/unavailable.html /var/www/tracker/unavailable.html
sed "s/@HOST@/$host/g" deploy/nginx.conf >/etc/nginx/sites-available/tracker
# With a replica for readers (docs/scaling.md)
if [ -e /etc/nginx/conf.d/tracker-replica.conf ]; then
    sed -i 's|http://127.0.0.1:8000|http://$tracker|' /etc/nginx/sites-available/tracker
fi
ln -sf ../sites-available/tracker /etc/nginx/sites-enabled/tracker

echo "Installed. What is left, once: a certificate, a plan and the first accounts; see docs/deployment.md."
