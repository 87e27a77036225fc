#!/usr/bin/env bash
# Makes the pictures of README and docs anew: types the keys below at mien, over the runs of tests/runs and the faces that
# they were trained on, and writes each screen as SVG; explain is a PNG of a network that the demo trains. With names, only those.
#   cargo build --release --bin mien --example picture && docs/pictures/make.sh target/release/mien [NAME..]
set -euo pipefail
mien=$(realpath "$1")
wanted=("${@:2}")
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# In a folder of their own, so that no picture names the machine's.
cp -r "$root/configs" .
"$mien" data synth --out data/faces --per-class 120 --seed 7 > /dev/null
ln -s data/faces faces
mkdir runs
for run in "$root"/tests/runs/2*; do
  # As of the last days, not of when they were made.
  id=$(basename "$run")
  age=$((16 - 10#${id:6:2}))
  cp -r "$run" "runs/$(date -u -d "$age days ago" +%Y%m%d)-${id:9}"
done

picture() { # name, size, keys as examples/picture has them; options before
  local options=()
  while [[ $1 == --* ]]; do options+=("$1"); shift; done
  if ((${#wanted[@]})) && [[ " ${wanted[*]} " != *" $1 "* ]]; then return; fi
  echo "$1"
  "$(dirname "$mien")/examples/picture" "${options[@]}" "$here/$1.svg" "$2" "until:runs, $3" "$mien"
}

# The newest run is chosen first; two below it is the best one.
best="j j until:faces"
run="$best enter until:1_charts"
picture runs 120x36 "space $best space k"
picture run 120x36 "$run"
picture scores 120x36 "$run 2 until:row w j j wait:1"
picture confusion 120x36 "$run 3 until:precision"
picture compare 120x36 "space j j space k k c until:broken wait:1"
picture launch 120x36 "n until:demo.toml demo enter until:train wait:1"
picture system 120x36 "i until:memory wait:3"
picture help 120x36 "$run ?"
picture --light light 120x36 "$run"

# Where the demo's network looked: a PNG as mien explain --out writes it.
if ! ((${#wanted[@]})) || [[ " ${wanted[*]} " == *" explain "* ]]; then
  echo explain
  export XDG_CACHE_HOME=$work/cache
  "$mien" --runs demo demo --headless 2> /dev/null
  "$mien" --runs demo explain latest cache/mien/drawn-faces-*/test/anger/00003.png --versus disgust --out . --device cpu
  mv 00003-finer-cam-not-disgust.png "$here/explain.png"
fi

# What is asked about a picture is asked of weights, which the shipped runs have not: one more run, the newest.
if ((!${#wanted[@]})) || [[ " ${wanted[*]} " == *" why "* ]]; then
  "$mien" --runs runs train configs/demo.toml --set 'data.root="faces"' --device cpu > /dev/null
  picture why 120x36 "enter 3 until:precision . enter until:row enter enter until:cam wait:1"
fi

# A search of drawn faces: some minutes on two cores.
if ((!${#wanted[@]})) || [[ " ${wanted[*]} " == *" search"* ]]; then
  cat > configs/searches/faces.toml <<'TOML'
name = "faces"
base = "../demo.toml"
seeds = [1, 2]

[axes]
"train.learning_rate" = [0.0004, 0.002, 0.01]
"train.batch_size" = [16, 64]
"model.width" = [4, 16]
"train.epochs" = [3]
TOML
  "$mien" search configs/searches/faces.toml --watch > /dev/null 2>&1
  picture search 120x36 "S until:rank v wait:2"
fi
