// Verifiers of the tiled and placed level. Those of the graph level: errors-graph.mlir.
// RUN: adf-opt %s -split-input-file -verify-diagnostics

// expected-error @+1 {{needs at least one core tile, not 0}}
adf.program @p device "ve2802" tiles 0 avoid [] {}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  // expected-error @+1 {{'builtin.module' op has no place in adf.program: it holds adf.ddr, adf.kernel and adf.phase}}
  builtin.module {}
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  // expected-error @+1 {{'bytes' is 6: must be a positive multiple of 4 (whole words)}}
  adf.ddr @a buffer(arena) bytes(6)
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  // expected-error @+1 {{'offset' is 2: must be a multiple of 4, not negative}}
  adf.ddr @a buffer(arena) bytes(8) offset(2)
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  // expected-error @+1 {{a program input or output needs 'dims' and 'valid'}}
  adf.ddr @a buffer(input) bytes(8)
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  // expected-error @+1 {{'dims' must multiply to 'bytes' (int8 elements)}}
  adf.ddr @a buffer(output) bytes(8) dims [1, 4] valid 3
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  // expected-error @+1 {{'valid' must be 1..4, elements of the last dimension}}
  adf.ddr @a buffer(output) bytes(4) dims [1, 4] valid 5
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  // expected-error @+1 {{weights need their bytes: '= dense<...>'}}
  adf.ddr @a buffer(weights) bytes(4)
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  // expected-error @+1 {{initial bytes must be tensor<8xi8>, not 'tensor<4xi8>'}}
  adf.ddr @a buffer(weights) bytes(8) = dense<0> : tensor<4xi8>
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %s = adf.tile shim
    // expected-error @+1 {{cannot be on a shim tile: it has no memory}}
    %w = adf.window on %s depth 1 bytes 4
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %c = adf.tile core
    // expected-error @+1 {{'depth' is 64: must be 1..63, what its locks can count}}
    %w = adf.window on %c depth 64 bytes 4
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %c = adf.tile core
    // expected-error @+1 {{'stride' is 32, less than the buffer's 64 bytes}}
    %w = adf.window on %c depth 2 bytes 64 address 0 stride 32 locks [0, 1]
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %c = adf.tile core
    // expected-error @+1 {{'locks' must be two different numbers: [empty, full]}}
    %w = adf.window on %c depth 2 bytes 64 address 0 stride 64 locks [1, 1]
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %m = adf.tile mem
    // expected-error @+1 {{must be on a core tile: it is a kernel's scratch memory}}
    %b = adf.buffer on %m bytes 64
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %m = adf.tile mem
    %c = adf.tile core
    // expected-error @+1 {{lists a target twice}}
    adf.stream @s from %m to %c, %c
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %c = adf.tile core
    %w = adf.window on %c depth 1 bytes 4
    // expected-error @+1 {{names the stream @s, which is not in its phase}}
    adf.dma on %c s2mm stream @s { adf.bd %w offset 0 dims [<1 x 1>] }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %m = adf.tile mem
    %c = adf.tile core
    %w = adf.window on %c depth 1 bytes 4
    adf.stream @s from %m to %c
    // expected-error @+1 {{is on a tile that is not the source of @s}}
    adf.dma on %c mm2s stream @s { adf.bd %w offset 0 dims [<1 x 1>] }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %m = adf.tile mem
    %c = adf.tile core
    adf.stream @s from %m to %c
    // expected-error @+1 {{needs at least one adf.bd}}
    adf.dma on %c s2mm stream @s {
    }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %m = adf.tile mem
    %c = adf.tile core
    %w = adf.window on %m depth 1 bytes 16
    adf.stream @s from %m to %c
    // expected-error @+1 {{reaches 20 bytes into a window of 16 bytes: make that longer or 'dims' smaller}}
    adf.dma on %m mm2s stream @s { adf.bd %w offset 1 dims [<2 x 1>, <2 x 2>] }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %m = adf.tile mem
    %c = adf.tile core
    %w = adf.window on %c depth 2 bytes 16
    adf.stream @s from %m to %c
    // expected-error @+1 {{must not have 'iteration' unless the window's buffers follow one another: on a window of depth > 1 it goes round the ring by itself}}
    adf.dma on %c s2mm stream @s { adf.bd %w offset 0 dims [<1 x 1>] iteration <2 x 1> }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %m = adf.tile mem
    %c = adf.tile core
    %w = adf.window on %c depth 2 bytes 16 address 0 stride 16 locks [0, 1]
    adf.stream @s from %m to %c
    // expected-error @+1 {{reaches 36 bytes into a window of 32 bytes}}
    adf.dma on %c s2mm stream @s { adf.bd %w offset 0 dims [<5 x 1>] iteration <2 x 4> }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %m = adf.tile mem
    %c = adf.tile core
    %w = adf.window on %c depth 1 bytes 16
    adf.stream @s from %m to %c
    // expected-error @+1 {{only memory tiles pad, and only on mm2s}}
    adf.dma on %c s2mm stream @s { adf.bd %w offset 0 dims [<1 x 1>] pad [<1, 0>] }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %m = adf.tile mem
    %c = adf.tile core
    %w = adf.window on %m depth 1 bytes 16
    adf.stream @s from %m to %c
    // expected-error @+1 {{'pad' has more dimensions than 'dims'}}
    adf.dma on %m mm2s stream @s { adf.bd %w offset 0 dims [<1 x 1>] pad [<0, 0>, <1, 0>] }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %m = adf.tile mem
    %c = adf.tile core
    %d = adf.tile core
    %w = adf.window on %d depth 1 bytes 16
    adf.stream @s from %m to %c
    // expected-error @+1 {{uses a window of another tile than its channel's: only memory tiles reach their neighbours'}}
    adf.dma on %m mm2s stream @s { adf.bd %w offset 0 dims [<1 x 1>] }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.ddr @d buffer(arena) bytes(16)
  adf.phase @f layer "f" macs 0 {
    %m = adf.tile mem
    %c = adf.tile core
    adf.stream @s from %m to %c
    // expected-error @+1 {{shim tiles move DDR pieces, memory and core tiles move windows}}
    adf.dma on %m mm2s stream @s { adf.bd @d offset 0 dims [<1 x 1>] }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %s = adf.tile shim
    %m = adf.tile mem
    adf.stream @s from %s to %m
    // expected-error @+1 {{names @d, which is no adf.ddr of the program}}
    adf.dma on %s mm2s stream @s { adf.bd @d offset 0 dims [<1 x 1>] }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.ddr @d buffer(arena) bytes(16)
  adf.phase @f layer "f" macs 0 {
    %s = adf.tile shim
    %m = adf.tile mem
    adf.stream @s from %s to %m
    // expected-error @+1 {{must not use locks: DDR pieces have none}}
    adf.dma on %s mm2s stream @s { adf.bd @d offset 0 dims [<1 x 1>] acquire <full >= 1> }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.ddr @d buffer(arena) bytes(16)
  adf.phase @f layer "f" macs 0 {
    %s = adf.tile shim
    %m = adf.tile mem
    adf.stream @s from %s to %m
    // expected-error @+1 {{'iteration' must be <wrap x step> with a wrap of 1..64 and a step that is not negative}}
    adf.dma on %s mm2s stream @s { adf.bd @d offset 0 dims [<1 x 1>] iteration <65 x 0> }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.ddr @d buffer(arena) bytes(16)
  adf.phase @f layer "f" macs 0 {
    %s = adf.tile shim
    %m = adf.tile mem
    adf.stream @s from %s to %m
    // expected-error @+1 {{'iteration' begins with run 2: must be one of its 2, from 0 on}}
    adf.dma on %s mm2s stream @s { adf.bd @d offset 0 dims [<1 x 1>] iteration <2 x 1 from 2> }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.ddr @d buffer(arena) bytes(16)
  adf.phase @f layer "f" macs 0 {
    %s = adf.tile shim
    %m = adf.tile mem
    adf.stream @s from %s to %m
    // expected-error @+1 {{'awaits' the step before its own, so it needs a 'step'}}
    adf.dma on %s mm2s stream @s awaits all { adf.bd @d offset 0 dims [<1 x 1>] }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %m = adf.tile mem
    // expected-error @+1 {{must be on a core tile}}
    adf.core on %m {
    }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %c = adf.tile core
    %m = adf.tile mem
    %w = adf.window on %m depth 1 bytes 4
    adf.core on %c {
      // expected-error @+1 {{uses memory that is neither its core's nor a window of another core}}
      adf.acquire %w <full >= 1>
    }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %c = adf.tile core
    adf.core on %c {
      // expected-error @+1 {{'count' must be at least 1}}
      adf.loop 0 {
      }
    }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %c = adf.tile core
    adf.core on %c {
      adf.loop 2 { adf.loop 2 { adf.loop 2 { adf.loop 2 {
        // expected-error @+1 {{is nested more than four deep, which core programs cannot express}}
        adf.loop 2 {
        }
      } } } }
    }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %c = adf.tile core
    %w = adf.window on %c depth 1 bytes 4
    adf.core on %c {
      // expected-error @+1 {{calls @k, which is no adf.kernel of the program}}
      adf.call @k(%w : !adf.window) immediates [] cycles 1
    }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.kernel @k kind "add" config {}
  adf.phase @f layer "f" macs 0 {
    %c = adf.tile core
    %w = adf.window on %c depth 1 bytes 4
    adf.core on %c {
      // expected-error @+1 {{'cycles' must be at least 1}}
      adf.call @k(%w : !adf.window) immediates [] cycles 0
    }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %m = adf.tile mem
    %c = adf.tile core
    %w = adf.window on %m depth 1 bytes 16
    adf.stream @s from %m to %c
    // expected-error @+1 {{is of step 0, but the phase has 0}}
    adf.dma on %m mm2s stream @s step 0 { adf.bd %w offset 0 dims [<1 x 1>] }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f mode load layer "f" macs 0 {
    %m = adf.tile mem
    %c = adf.tile core
    %w = adf.window on %m depth 1 bytes 16
    adf.stream @s from %m to %c
    // expected-error @+1 {{must be 'endless' or have a 'step' in a resident phase or a pipeline; elsewhere it has no step, and is 'endless' in a phase of mode once only}}
    adf.dma on %m mm2s stream @s endless { adf.bd %w offset 0 dims [<1 x 1>] }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %m = adf.tile mem
    %c = adf.tile core
    %w = adf.window on %m depth 1 bytes 16
    adf.stream @s from %m to %c
    // expected-error @+1 {{is 'endless' and sends without a lock: let its first descriptor acquire one, or give it a 'repeat'}}
    adf.dma on %m mm2s stream @s endless { adf.bd %w offset 0 dims [<1 x 1>] }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.ddr @x buffer(input) bytes(64) dims [1, 64] valid 64
  adf.phase @f layer "f" macs 0 {
    %s = adf.tile shim
    %c = adf.tile core
    adf.stream @s from %s to %c
    // expected-error @+1 {{is 'endless' on a shim tile, whose channels cannot be reset when the phase has ended}}
    adf.dma on %s mm2s stream @s endless { adf.bd @x offset 0 dims [<16 x 1>] }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f layer "f" macs 0 {
    %m = adf.tile mem
    %c = adf.tile core
    %w = adf.window on %c depth 1 bytes 16
    adf.stream @s from %m to %c
    // expected-error @+1 {{takes 'packets', which only an endless s2mm task of a resident phase does}}
    adf.dma on %c s2mm stream @s packets endless { adf.bd %w offset 0 dims [<1 x 1>] }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f mode resident layer "" macs 0 {
    adf.step layer "a" kind "add" macs 0 cores 1
    %m = adf.tile mem
    %c = adf.tile core
    %w = adf.window on %m depth 1 bytes 16
    adf.stream @s from %m to %c
    // expected-error @+1 {{is of step 1, but the phase has 1}}
    adf.dma on %m mm2s stream @s step 1 { adf.bd %w offset 0 dims [<1 x 1>] }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f mode resident layer "" macs 0 {
    %m = adf.tile mem
    %c = adf.tile core
    %w = adf.window on %m depth 1 bytes 16
    adf.stream @s from %m to %c
    // expected-error @+1 {{is 'endless', so it has no 'token', nor 'repeat' in a resident phase}}
    adf.dma on %m mm2s stream @s repeat 2 endless { adf.bd %w offset 0 dims [<1 x 1>] }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f mode resident layer "" macs 0 {
    %m = adf.tile mem
    %c = adf.tile core
    %w = adf.window on %m depth 1 bytes 16
    adf.stream @s from %m to %c
    // expected-error @+1 {{takes 'packets', which only an endless s2mm task of a resident phase does}}
    adf.dma on %m mm2s stream @s packets endless { adf.bd %w offset 0 dims [<1 x 1>] }
  }
}

// -----

adf.program @p device "ve2802" tiles 1 avoid [] {
  adf.phase @f mode resident layer "" macs 0 {
    %m = adf.tile mem
    // expected-error @+1 {{'live' must be the first and the last step}}
    %w = adf.window on %m depth 1 bytes 16 address 0 stride 16 locks [0, 1] live [2, 1]
  }
}
