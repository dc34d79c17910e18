# Sourced by ./descent and ./check: installs what is missing and builds.
#
# Expects `root` (the source tree) and offers install_packages and build.

note() { printf '%s\n' "$*" >&2; }

# install_packages KIND...: the packages of these kinds in cmake/packages.txt that are not installed.
install_packages() {
  local kind name reason names=() lines=() as_root=()
  while read -r kind name reason; do
    [[ " $* " == *" $kind "* ]] || continue
    [[ $(dpkg-query -W -f '${Status}' "$name" 2>/dev/null) == "install ok installed" ]] && continue
    names+=("$name")
    lines+=("$(printf '  %-22s %s' "$name" "$reason")")
  done < <(grep -v '^#' "$root/cmake/packages.txt")
  ((${#names[@]})) || return 0

  if ! command -v apt-get >/dev/null; then
    note "descent: these Debian packages, or their like on this system, are needed; install them and try again:"
    printf '%s\n' "${lines[@]}" >&2
    return 1
  fi
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      note "descent: these packages are needed; run this as root: apt-get install ${names[*]}"
      return 1
    fi
    as_root=(sudo)
  fi
  note "descent: installing the Debian packages that are missing${as_root:+ (with sudo)}:"
  printf '%s\n' "${lines[@]}" >&2
  local log=$root/build/install.log
  mkdir -p "$root/build"
  if ! { "${as_root[@]}" apt-get update -q || true
         "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
           apt-get install -y -q --no-install-recommends -o Dpkg::Use-Pty=0 "${names[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    note "descent: the packages could not be installed; the whole log is in $log"
    return 1
  fi
}

# build PRESET: configures when needed and builds; quiet unless it fails.
build() {
  local folder=$root/build/$1 log=$root/build/$1.log
  mkdir -p "$root/build"
  exec 9>"$root/build/.lock"
  flock 9  # two at once would build over each other
  # A source tree that was moved leaves a cache that names another place.
  if [[ -f $folder/CMakeCache.txt ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
    rm -rf "$folder"
  fi
  note "descent: building (build/$1, log in build/$1.log) ..."
  if ! (cd "$root" && { [[ -f build/$1/build.ninja ]] || cmake --preset "$1"; } && cmake --build "build/$1") >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    note "descent: the build failed; the whole log is in $log"
    return 1
  fi
  exec 9>&-
}
