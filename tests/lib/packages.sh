# shellcheck shell=bash
# What has to be installed, and how it is installed. Sourced, never run.
# Uses `root` (the top of the tree) of the script that sources it.

# The program itself.
build_packages=(
  ca-certificates
  ccache
  g++
  libcli11-dev
  libcrypt-dev
  libpoco-dev
  libsimdjson-dev
  libsqlite3-dev
  libssl-dev
  libsystemd-dev
  libyaml-cpp-dev
  meson
  ninja-build
  pkg-config
  prometheus-cpp-dev
  zlib1g-dev
)

# The plain test run.
test_packages=(
  curl
  jsonnet
  libgmock-dev
  libgtest-dev
  nlohmann-json3-dev
  openssl
  python3
  python3-prometheus-client
  python3-yaml
)

# The long suites. One clang for format, lint and sanitizers: what clang-format prints and what
# clang-tidy finds differs between versions, so the version is part of the rule.
deep_packages=(
  binutils
  chromium
  chromium-driver
  clang-14
  clang-format-14
  clang-tidy-14
  libclang-rt-14-dev
  llvm-14
  shellcheck
  slowhttptest
  strace
  systemd
  testssl.sh
)

# The agents that the suite of this name runs. They are installed, not unpacked, because their
# programs have fixed places for what they read.
agent_packages=(
  collectd-core
  collectd-dev
  icinga2-bin
  nagios4-core
  netdata-core
  prometheus-node-exporter
  zabbix-agent2
  zabbix-proxy-sqlite3
)

# The peers of the benchmarks; nginx is unpacked beside them.
# shellcheck disable=SC2034 # Read by tests/bench.
bench_packages=(
  golang-github-mattn-go-sqlite3-dev
  golang-github-prometheus-client-golang-dev
  golang-go
  python3-requests
  wrk
)

# Where Debian's Prometheus, blackbox exporter, Alertmanager and VictoriaMetrics are unpacked to.
prometheus_dir="$root/build/tools/prometheus"
blackbox_dir="$root/build/tools/blackbox"
alertmanager_dir="$root/build/tools/alertmanager"
victoria_metrics_dir="$root/build/tools/victoria-metrics"

# Prints those of the named packages that are not installed.
missing_packages() {
  local package
  for package in "$@"; do
    if [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
      printf '%s\n' "$package"
    fi
  done
}

as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    printf 'error: neither root nor sudo; install these by hand, then run this again: %s\n' \
      "${missing[*]}" >&2
    return 1
  fi
}

apt_updated=no
apt_update_once() {
  if [[ $apt_updated == no ]]; then
    as_root apt-get -qq -o DPkg::Lock::Timeout=300 update
    apt_updated=yes
  fi
}

# A package may bring a service along. With this file in place dpkg does not start it.
policy_file=/usr/sbin/policy-rc.d
policy_mark='# Temporary, from acronis_task_exporter'

forbid_service_starts() {
  if [[ ! -e $policy_file ]]; then
    printf '#!/bin/sh\n%s\nexit 101\n' "$policy_mark" | as_root tee "$policy_file" >/dev/null
    as_root chmod 755 "$policy_file"
  fi
}

allow_service_starts() {
  if grep -qsF "$policy_mark" "$policy_file"; then
    as_root rm -f "$policy_file"
  fi
}

# Installs those of the named packages that are missing. Does not touch apt when none is.
install_packages() {
  local missing log status=0
  mapfile -t missing < <(missing_packages "$@")
  if [[ ${#missing[@]} -eq 0 ]]; then
    return 0
  fi
  printf 'installing: %s\n' "${missing[*]}"
  apt_update_once
  log=$(mktemp)
  trap allow_service_starts EXIT
  forbid_service_starts
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 \
    -o Dpkg::Use-Pty=0 install --yes --no-install-recommends "${missing[@]}" \
    </dev/null >"$log" 2>&1 || status=$?
  allow_service_starts
  trap - EXIT
  if [[ $status -ne 0 ]]; then
    tail -n 40 "$log" >&2
  fi
  rm -f "$log"
  return "$status"
}

# Not by a pipe into `grep -q`: it may end before apt-cache has, and pipefail takes that for a no.
in_this_debian() {
  [[ $(apt-cache policy "$1") =~ Candidate:\ [^\(] ]]
}

# As install_packages, but leaves out what this Debian does not have; the suites that need it say so.
install_if_known() {
  local package missing known=() unknown=()
  mapfile -t missing < <(missing_packages "$@")
  if [[ ${#missing[@]} -eq 0 ]]; then
    return 0
  fi
  apt_update_once
  for package in "${missing[@]}"; do
    if in_this_debian "$package"; then
      known+=("$package")
    else
      unknown+=("$package")
    fi
  done
  if [[ ${#unknown[@]} -gt 0 ]]; then
    printf 'not in this Debian: %s\n' "${unknown[*]}"
  fi
  install_packages "${known[@]}"
}

# As install_if_known, for packages that bring services along: those that were not there before do not
# start with the next boot either.
install_without_services() {
  local package unit new=()
  mapfile -t new < <(missing_packages "$@")
  install_if_known "$@"
  for package in "${new[@]}"; do
    while read -r unit; do
      as_root systemctl --quiet --no-reload disable "${unit##*/}" >/dev/null 2>&1 || true
    done < <(dpkg-query --listfiles "$package" 2>/dev/null |
      grep -E '/systemd/system/[^/]+\.(service|socket|timer)$')
  done
}

# Prometheus and promtool are only run by tests. Installing the package would leave a service
# behind that starts with the next boot, so it is unpacked instead.
provide_prometheus() {
  if ! command -v prometheus >/dev/null || ! command -v promtool >/dev/null; then
    [[ -x $prometheus_dir/usr/bin/promtool ]] || unpack_prometheus
    PATH="$prometheus_dir/usr/bin:$PATH"
    export PATH
  fi
}

# The exporter whose endpoint ours is compared with; unpacked for the same reason.
provide_blackbox_exporter() {
  [[ -x $blackbox_dir/usr/bin/prometheus-blackbox-exporter ]] ||
    unpack "$blackbox_dir" prometheus-blackbox-exporter
}

# Another scraper, where Debian has it.
provide_victoria_metrics() {
  if [[ ! -x $victoria_metrics_dir/usr/bin/vmagent ]]; then
    apt_update_once
    if in_this_debian victoria-metrics; then
      unpack "$victoria_metrics_dir" victoria-metrics
    fi
  fi
}

# Who is told of alerts; unpacked, but for its templates: Debian's build has a fixed place for them.
provide_alertmanager() {
  local templates=/usr/share/prometheus/alertmanager
  # shellcheck disable=SC2034 # What as_root asks for where it may not.
  local missing=(prometheus-alertmanager)
  [[ -x $alertmanager_dir/usr/bin/amtool ]] || unpack "$alertmanager_dir" prometheus-alertmanager
  if [[ ! -e $templates/default.tmpl || ! -e $templates/email.tmpl ]]; then
    as_root install -D -m 0644 -t "$templates" "$alertmanager_dir$templates"/{default,email}.tmpl
  fi
}

unpack_prometheus() {
  local missing=(prometheus)
  apt_update_once
  if in_this_debian promtool; then # Debian 13 has it apart.
    missing+=(promtool)
  fi
  unpack "$prometheus_dir" "${missing[@]}"
}

# unpack FOLDER PACKAGE...: puts what is in packages there, without installing them.
unpack() {
  local folder=$1 missing=("${@:2}") download package
  printf 'unpacking: %s\n' "${missing[*]}"
  apt_update_once
  download=$(mktemp -d)
  (cd "$download" && apt-get -qq -o APT::Sandbox::User=root download "${missing[@]}")
  rm -rf "$folder" "$folder.new"
  mkdir -p "$folder.new"
  for package in "$download"/*.deb; do
    dpkg-deb --extract "$package" "$folder.new"
  done
  mv "$folder.new" "$folder"
  rm -rf "$download"
}
