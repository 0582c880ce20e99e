package dev.tilestream.bench.link;
