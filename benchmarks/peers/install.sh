#!/bin/sh
# Install what others wrote into a throwaway folder, never into the project: sh install.sh FOLDER
set -eu
folder=$1
mkdir -p "$folder"
python3 -m venv "$folder/python"
"$folder/python/bin/pip" install --quiet pytt-events-api==0.1.10
npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund @segment/action-destinations@3.387.0 fast-uri@3.0.6
