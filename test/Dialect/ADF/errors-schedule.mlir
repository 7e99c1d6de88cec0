// Numbers of a schedule that no array could hold are refused before anything is multiplied by them.
// RUN: adf-opt %s -split-input-file -verify-diagnostics

// 2^40 * 2^40 is 0 in 64 bits, which no check of the product would notice.
// expected-error @+1 {{'grid' has 1099511627776: each number must be at most 65535}}
module attributes {a = #adf.schedule<grid = [1099511627776, 1099511627776], tile = [1, 1, 16, 4], depth = [1, 1, 1], cycles = 9>} {}

// -----

// expected-error @+1 {{'tile' has 65536: each number must be at most 65535}}
module attributes {a = #adf.schedule<grid = [1, 1], tile = [1, 65536, 16, 4], depth = [1, 1, 1], cycles = 9>} {}

// -----

// A ring of buffers is counted by a lock, and locks count to 63 (AM025).
// expected-error @+1 {{'depth' has 64: each number must be at most 63}}
module attributes {a = #adf.schedule<grid = [1, 1], tile = [1, 1, 16, 4], depth = [1, 64, 1], cycles = 9>} {}

// -----

// expected-error @+1 {{'memtiles' has 65536: each number must be at most 65535}}
module attributes {a = #adf.schedule<grid = [1, 1], tile = [1, 1, 16, 4], depth = [1, 1, 1], memtiles = [65536, 1], cycles = 9>} {}

// -----

// expected-error @+1 {{'rounds' is 65536: must be at most 65535}}
module attributes {a = #adf.schedule<grid = [1, 1], tile = [1, 1, 16, 4], depth = [1, 1, 1], rounds = 65536, cycles = 9>} {}

// -----

// expected-error @+1 {{'cycles' is 4294967296: must be at most 4294967295}}
module attributes {a = #adf.schedule<grid = [1, 1], tile = [1, 1, 16, 4], depth = [1, 1, 1], cycles = 4294967296>} {}
