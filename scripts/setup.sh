#!/usr/bin/env bash
# Makes .venv at the root: a Python with everything pinned, Delta's jars beside Spark's own, and commands that
# run without activating anything (.venv/bin/spark-submit, .venv/bin/python). Called again, it does nothing until
# one of its inputs changes; interrupted, it is repaired by the next call.
#   PYTHON=/path/to/python3   another Python (3.10 to 3.13)
#   JAVA_HOME=/path/to/jdk    another Java (17 or 21)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"
venv=$root/.venv
stamp=$venv/.stamp          # what this environment was made from; written last
packages=$venv/.packages    # the same of its Python packages; not there while they are being installed
pythons=(python3.11 python3.12 python3.10 python3.13 python3)
started=$SECONDS

say() { printf '[setup %3ds] %s\n' $((SECONDS - started)) "$*"; }
fail() { printf '[setup] %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
checksums() { if have sha256sum; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }

package_inputs() { echo "$root" && checksums setup.py scripts/requirements.txt scripts/requirements-dev.txt; }
inputs() {
  package_inputs
  checksums scripts/setup.sh scripts/jars.xml scripts/jars.sha256 conf/spark-defaults.conf conf/log4j2.properties
}

# --- Is there anything to do? ---------------------------------------------------------------------------------
# Two calls at once (make run, make test) take turns.
if have flock; then exec 9<"${BASH_SOURCE[0]}"; flock 9; fi

recorded_java=$(cat "$venv/.java" 2>/dev/null || true)
if [ -f "$stamp" ] && [ -x "$venv/bin/python" ] && [ -x "$recorded_java/bin/java" ] \
  && { [ -z "${JAVA_HOME:-}" ] || [ "$JAVA_HOME" = "$(cat "$venv/.java-home" 2>/dev/null)" ]; } \
  && [ "$(inputs)" = "$(cat "$stamp")" ]; then
  exit 0
fi
say "setting up $venv"
rm -f "$stamp"

# --- System packages, where they can be installed ---------------------------------------------------------------
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif have sudo && sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi
}
apt_refreshed=
install_package() { # one of the named packages, the first that can be had
  local package
  for package in "$@"; do
    if have apt-get; then
      if [ -z "$apt_refreshed" ]; then as_root apt-get update -qq >/dev/null 2>&1 || true; apt_refreshed=1; fi
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package" >/dev/null 2>&1 && return 0
    elif have dnf; then as_root dnf install -y -q "$package" >/dev/null 2>&1 && return 0
    elif have yum; then as_root yum install -y -q "$package" >/dev/null 2>&1 && return 0
    elif have brew; then brew install -q "$package" >/dev/null 2>&1 && return 0
    fi
  done
  return 1
}

# --- Python -------------------------------------------------------------------------------------------------------
good_python() { "$1" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1; }

has_venv() { "$1" -c 'import venv, ensurepip' >/dev/null 2>&1; }

find_python() { # the first that has venv, else the first
  local candidate without=
  if [ -n "${PYTHON:-}" ]; then
    good_python "$PYTHON" || fail "PYTHON=$PYTHON is not a Python from 3.10 to 3.13."
    echo "$PYTHON"
    return
  fi
  for candidate in "${pythons[@]}"; do
    have "$candidate" && good_python "$candidate" || continue
    if has_venv "$candidate"; then echo "$candidate"; return; fi
    without=${without:-$candidate}
  done
  [ -n "$without" ] && echo "$without"
}

if [ ! -f "$packages" ] || ! good_python "$venv/bin/python"; then
  if ! python=$(find_python); then
    [ -z "${PYTHON:-}" ] || exit 1
    fail "No Python from 3.10 to 3.13 was found: install one (for example python3.11), or name it with PYTHON=."
  fi
  if ! has_venv "$python"; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    say "installing python$version-venv"
    install_package "python$version-venv" && has_venv "$python" ||
      fail "$python has no venv module: install it (on Debian and Ubuntu: apt-get install python$version-venv)."
  fi
  say "making the environment with $("$python" --version)"
  "$python" -m venv --clear "$venv"
fi

# --- Packages ------------------------------------------------------------------------------------------------------
# pip's own messages are kept for the case that it fails.
run_pip() {
  "$venv/bin/python" -m pip install --disable-pip-version-check --progress-bar off "$@" >"$venv/pip.log" 2>&1 || {
    tail -n 30 "$venv/pip.log" >&2
    fail "pip could not install the packages (the end of its messages is above, all of them in .venv/pip.log)."
  }
}
if [ "$(package_inputs)" != "$(cat "$packages" 2>/dev/null)" ]; then
  say "installing the pinned packages (a minute or two the first time, mostly for Spark)"
  rm -f "$packages"
  run_pip $(grep -E '^(setuptools|wheel)==' scripts/requirements.txt)
  run_pip --no-build-isolation -r scripts/requirements-dev.txt
  run_pip --no-build-isolation --no-deps -e .
  package_inputs >"$packages.new"
  mv -f "$packages.new" "$packages"
fi
site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
spark=$site/pyspark
[ -x "$spark/bin/spark-submit" ] || fail "pyspark is not whole in $spark: remove .venv and run make setup again."

# --- Java -----------------------------------------------------------------------------------------------------------
java_version() { "$1/bin/java" -version 2>&1 | sed -nE 's/.*version "([0-9]+).*/\1/p' | head -n 1; }
good_java() { case "$(java_version "$1" 2>/dev/null)" in 17 | 21) return 0 ;; *) return 1 ;; esac; }
path_java_home() { # where PATH's java really is; on macOS it is a stub, which says where
  if have java; then java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p'; fi
}

find_java() {
  local home
  for home in "${JAVA_HOME:-}" "$(path_java_home)" \
    /usr/lib/jvm/*17* /usr/lib/jvm/*21* /opt/java/* /opt/jdk* "${HOME:-}"/.sdkman/candidates/java/current \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk@{17,21} /usr/local/opt/openjdk@{17,21} /home/linuxbrew/.linuxbrew/opt/openjdk@{17,21}; do
    if [ -n "$home" ] && [ -x "$home/bin/java" ] && good_java "$home"; then echo "$home"; return; fi
  done
  return 1
}

if ! java=$(find_java); then
  say "no Java 17 or 21 found: installing one"
  install_package openjdk-17-jre-headless openjdk-21-jre-headless java-17-openjdk-headless java-21-openjdk-headless \
    openjdk@17 && java=$(find_java) ||
    fail "Java 17 or 21 is needed and could not be installed here: install one (on Debian and Ubuntu:" \
      "apt-get install openjdk-17-jre-headless) or point JAVA_HOME at it, then run make setup again."
fi
say "Java $(java_version "$java") in $java"

# --- Delta's jars -----------------------------------------------------------------------------------------------------
sound() { # is the jar $1 of jars.sha256 in directory $2, with the right checksum?
  [ -f "$2/$1" ] && [ "$(checksums "$2/$1" | cut -d' ' -f1)" = "$(awk -v jar="$1" '$2 == jar {print $1}' scripts/jars.sha256)" ]
}
jars=$(awk '{print $2}' scripts/jars.sha256)

# Those of another version, which pip does not know of and so would leave behind.
for path in "$spark"/jars/delta-*.jar "$spark"/jars/unitycatalog-*.jar; do
  [ -e "$path" ] || continue
  grep -qxF "$(basename "$path")" <<<"$jars" || rm -f "$path"
done

missing=()
for jar in $jars; do sound "$jar" "$spark/jars" || missing+=("$jar"); done
if [ "${#missing[@]}" -gt 0 ]; then
  say "fetching ${#missing[@]} Delta jars"
  fetched=$(mktemp -d "$venv/jars.XXXXXX")
  trap 'rm -rf "$fetched"' EXIT
  # IVY_SETTINGS: settings of one's own, where jars come through a mirror.
  if ! "$java/bin/java" -jar "$spark"/jars/ivy-*.jar ${IVY_SETTINGS:+-settings "$IVY_SETTINGS"} \
    -ivy scripts/jars.xml -cache "$fetched/cache" -retrieve "$fetched/[artifact]-[revision].[ext]" \
    >"$venv/jars.log" 2>&1; then
    grep -iE 'error|not found|unresolved|fail' "$venv/jars.log" | head -n 10 >&2 || true
    fail "the Delta jars could not be fetched (messages in .venv/jars.log): is the Maven repository reached?"
  fi
  for jar in "${missing[@]}"; do
    [ -f "$fetched/$jar" ] || fail "$jar was not delivered, though scripts/jars.sha256 names it: compare with scripts/jars.xml."
    sound "$jar" "$fetched" ||
      fail "$jar has sha256 $(checksums "$fetched/$jar" | cut -d' ' -f1), which is not the one in scripts/jars.sha256: not installed."
    mv -f "$fetched/$jar" "$spark/jars/$jar"
  done
fi

# --- Settings and commands --------------------------------------------------------------------------------------------
mkdir -p "$spark/conf"
cp conf/spark-defaults.conf conf/log4j2.properties "$spark/conf/"

# Spark's commands look for Spark and Python on PATH: these say where both are. What a shell has exported for
# another Spark (SPARK_HOME, PYSPARK_PYTHON) is not taken over; for executors: --conf spark.pyspark.python=…
write_command() {
  cat >"$venv/bin/$1.new" <<EOF
#!/usr/bin/env bash
# Written by scripts/setup.sh.
export SPARK_HOME=$(printf %q "$spark") JAVA_HOME=$(printf %q "$java")
export PYSPARK_PYTHON=$(printf %q "$venv/bin/python") PYSPARK_DRIVER_PYTHON=$(printf %q "$venv/bin/python")
# Spark hands on what a job writes, so that the job itself sees no terminal.
[ -t 1 ] && SEGMENTATION_ON_TERMINAL=1 || SEGMENTATION_ON_TERMINAL=
export SEGMENTATION_ON_TERMINAL
exec "\$SPARK_HOME/bin/$1" "\$@"
EOF
  chmod +x "$venv/bin/$1.new"
  mv -f "$venv/bin/$1.new" "$venv/bin/$1"
}
for command in spark-submit pyspark spark-shell spark-sql spark-class; do write_command "$command"; done

# The same for a session that .venv/bin/python starts itself (tests, notebooks, Connect): read at its every start.
"$venv/bin/python" - "$site/segmentation_spark.pth" "$spark" "$java" <<'EOF'
import sys
path, spark, java = sys.argv[1:]
line = (
    f"import os, sys; os.environ.update(SPARK_HOME={spark!r}, JAVA_HOME={java!r}, "
    "PYSPARK_PYTHON=sys.executable, PYSPARK_DRIVER_PYTHON=sys.executable)"
)
with open(path, "w") as pth:
    pth.write(line + "\n")
EOF

printf '%s\n' "$java" >"$venv/.java"
printf '%s\n' "${JAVA_HOME:-}" >"$venv/.java-home"
inputs >"$stamp.new"
mv -f "$stamp.new" "$stamp"
say "ready: .venv/bin/spark-submit jobs/segment.py --help"
