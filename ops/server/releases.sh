# shellcheck shell=bash
# Releases: what is shipped, under the hash of its content, each with an environment of its own.

RELEASES=$ROOT/opt/oven/releases
SHIPPED=(CHANGELOG.md Caddyfile LICENSE README.md docs oven.service ops pyproject.toml requirements.txt setup.sh src)

# Writes what is shipped as an archive that depends on nothing but its content.
pack() {
  tar --create --sort=name --format=ustar --owner=0 --group=0 --numeric-owner --mtime=2000-01-01Z \
    --mode=u=rwX,go=rX --exclude=__pycache__ --exclude='*.egg-info' "${SHIPPED[@]}"
}

release_id() { pack | sha256sum | cut --characters=1-12; }

# Prints the ID of the release that a link, current or previous, leads to; nothing where there is none.
release_of() {
  local target
  target=$(readlink "$ROOT/opt/oven/$1") || return 0
  echo "${target##*/}"
}

# The mark is written last, so a release without it was never whole, or is not any more.
is_whole() {
  [ -e "$RELEASES/$1/.whole" ] &&
    PYTHONDONTWRITEBYTECODE=1 "$RELEASES/$1/.venv/bin/python" -c 'import oven' 2>/dev/null
}

# Builds where it will stand: an environment of Python cannot be moved.
build_release() {
  local folder=$RELEASES/$1
  ! is_whole "$1" || return 0
  say "building the release $1"
  rm -rf "$folder"
  mkdir "$folder"
  pack | tar --extract --directory="$folder" --same-permissions
  "$folder/setup.sh" install
  "$folder/.venv/bin/python" -m compileall -q "$folder/src"
  # Whole on the disk, too, before it is called so.
  sync --file-system "$folder"
  touch "$folder/.whole"
  changed "built the release $1"
}

# Keeps the current one, the one before, and the newest of the others.
remove_old_releases() {
  local id kept='' current previous
  current=$(release_of current) previous=$(release_of previous)
  while read -r id; do
    case $id in
      "$current" | "$previous") continue ;;
    esac
    if [ -z "$kept" ] && [ -e "$RELEASES/$id/.whole" ]; then
      kept=$id
      continue
    fi
    rm -f "$RELEASES/$id/.whole"
    rm -rf "${RELEASES:?}/$id"
    changed "removed the old release $id"
  done < <(cd "$RELEASES" && find . -mindepth 1 -maxdepth 1 -type d -printf '%T@ %f\n' | sort --reverse --numeric-sort | cut --delimiter=' ' --fields=2)
}
