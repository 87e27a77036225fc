#!/usr/bin/env bash
# Makes the runs of this folder anew: three small networks on drawn faces, trained by mien itself. Their weights are left
# out (nothing that reads these runs needs them) and the data folder is named by `faces`, wherever it was.
#   cargo build --release && tests/runs/make.sh target/release/mien
set -euo pipefail
mien=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$mien" data synth --out faces --per-class 120 --seed 7
train() { # id, then what differs from the demo's recipe
  local id=$1
  shift
  local sets=()
  for set in "$@" data.root=\"faces\" train.test=\"epoch\"; do sets+=(--set "$set"); done
  "$mien" --runs made train "$here/../../configs/demo.toml" "${sets[@]}" --device cpu
  local made
  made=$(ls -d made/2*)
  rm -rf "$made"/{checkpoints,model.safetensors,trainer.lock} "$made"/events.out.*
  sed -i "s|$work/||" "$made/config.toml" "$made/log.txt"
  # No process or machine of whoever made them.
  sed -E -i 's/"(pid|process_start)":[0-9.]+,?//g; s/"(boot_id|host|pid_namespace)":"?[^",]*"?,?//g; s/,}/}/' "$made/status.json"
  rm -rf "${here:?}/$id"
  mv "$made" "$here/$id"
}
train 20260114-181502-faces-1a2b name='"faces"' train.epochs=10
train 20260115-090730-faces-slow-3c4d name='"faces-slow"' train.epochs=10 train.learning_rate=0.0008 train.schedule='"constant"'
train 20260115-213011-faces-wide-5e6f name='"faces-wide"' train.epochs=6 model.width=24 model.conv_dropout=0.2

printf 'title = "wide, with dropout"\ntags = ["night", "dropout"]\nnote = "worth a longer run"\n' \
  > "$here/20260115-213011-faces-wide-5e6f/notes.toml"
