"""Speed and memory of dicomveil beside `cp -r` and its peers: `python -m benchmarks`."""
