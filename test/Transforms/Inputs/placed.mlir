// A placed program that uses every kind of resource: a memory tile that pads, a stream to two cores, three phases.
// verify-placed-errors.test breaks it in every way that the verifier knows.
adf.program @main device "ve2802" tiles 2 avoid [(4, 4)] {
  adf.ddr @x buffer(input) bytes(128) offset(0) dims [1, 2, 4, 16] valid 16
  adf.ddr @mid buffer(arena) bytes(128) offset(0)
  adf.ddr @tmp buffer(arena) bytes(64) offset(0)
  adf.ddr @y buffer(output) bytes(128) offset(0) dims [1, 2, 4, 16] valid 16
  adf.kernel @add_0 kind "add" config {a = [16384, 14], b = [16384, 14], clamp = [-128, 127], count = 64 : i64, out = [16384, 14]}
  adf.phase @first layer "first" macs 0 {
    %s = adf.tile shim at(2, 0)
    %m = adf.tile mem at(2, 1)
    %c = adf.tile core at(2, 3)
    %d = adf.tile core at(2, 4)
    %slab = adf.window on %m depth 1 bytes 128 address 0 stride 128 locks [0, 1]
    %a = adf.window on %c depth 2 bytes 64 address 0 stride 8192 locks [0, 1]
    %o = adf.window on %c depth 1 bytes 64 address 64 stride 64 locks [2, 3]
    %acc = adf.buffer on %c bytes 64 address 128
    %b = adf.window on %d depth 2 bytes 64 address 0 stride 8192 locks [0, 1]
    adf.stream @in from %s to %m
    adf.stream @act from %m to %c, %d
    adf.stream @out from %c to %s
    adf.dma on %s mm2s channel 0 stream @in {
      adf.bd @x offset 0 dims [<32 x 1>] id 0
    }
    adf.dma on %m s2mm channel 1 stream @in {
      adf.bd %slab offset 0 dims [<32 x 1>] acquire <empty >= 1> release <full + 1> id 24
    }
    adf.dma on %m mm2s channel 0 stream @act {
      adf.bd %slab offset 0 dims [<4 x 1>, <3 x 4>] pad [<0, 0>, <1, 0>] acquire <full >= 1> id 0
      adf.bd %slab offset 16 dims [<16 x 1>] release <empty + 1> id 1
    }
    adf.dma on %c s2mm channel 0 stream @act repeat 2 {
      adf.bd %a offset 0 dims [<16 x 1>] acquire <empty >= 1> release <full + 1> id 0
    }
    adf.dma on %d s2mm channel 0 stream @act repeat 2 {
      adf.bd %b offset 0 dims [<16 x 1>] acquire <empty >= 1> release <full + 1> id 0
    }
    adf.dma on %c mm2s channel 0 stream @out {
      adf.bd %o offset 0 dims [<16 x 1>] acquire <full >= 1> release <empty + 1> id 1
    }
    adf.dma on %s s2mm channel 0 stream @out token {
      adf.bd @mid offset 0 dims [<16 x 1>] id 1
    }
    adf.core on %c {
      adf.acquire %o <empty >= 1>
      adf.loop 2 {
        adf.acquire %a <full >= 1>
        adf.call @add_0(%a, %acc, %o : !adf.window, !adf.buffer, !adf.window) immediates [] cycles 20
        adf.release %a <empty + 1>
        adf.advance %a
      }
      adf.release %o <full + 1>
    }
    adf.core on %d {
      adf.loop 2 {
        adf.acquire %b <full >= 1>
        adf.release %b <empty + 1>
        adf.advance %b
      }
    }
    adf.connect at(2, 0) from <south 3> to <north 0> stream @in
    adf.connect at(2, 1) from <south 0> to <dma 1> stream @in
    adf.connect at(2, 1) from <dma 0> to <north 0> stream @act
    adf.connect at(2, 2) from <south 0> to <north 0> stream @act
    adf.connect at(2, 3) from <south 0> to <dma 0> stream @act
    adf.connect at(2, 3) from <south 0> to <north 0> stream @act
    adf.connect at(2, 4) from <south 0> to <dma 0> stream @act
    adf.connect at(2, 0) from <north 0> to <south 2> stream @out
    adf.connect at(2, 1) from <north 0> to <south 0> stream @out
    adf.connect at(2, 2) from <north 0> to <south 0> stream @out
    adf.connect at(2, 3) from <dma 0> to <south 0> stream @out
  }
  adf.phase @second layer "second" macs 0 {
    %s = adf.tile shim at(2, 0)
    %m = adf.tile mem at(2, 1)
    %slab = adf.window on %m depth 1 bytes 64 address 0 stride 64 locks [0, 1]
    adf.stream @in from %s to %m
    adf.stream @out from %m to %s
    adf.dma on %s mm2s channel 0 stream @in {
      adf.bd @mid offset 0 dims [<16 x 1>] id 0
    }
    adf.dma on %m s2mm channel 0 stream @in {
      adf.bd %slab offset 0 dims [<16 x 1>] acquire <empty >= 1> release <full + 1> id 0
    }
    adf.dma on %m mm2s channel 1 stream @out {
      adf.bd %slab offset 0 dims [<16 x 1>] acquire <full >= 1> release <empty + 1> id 24
    }
    adf.dma on %s s2mm channel 0 stream @out token {
      adf.bd @y offset 0 dims [<16 x 1>] id 1
    }
    adf.connect at(2, 0) from <south 3> to <north 0> stream @in
    adf.connect at(2, 1) from <south 0> to <dma 0> stream @in
    adf.connect at(2, 0) from <north 0> to <south 2> stream @out
    adf.connect at(2, 1) from <dma 1> to <south 0> stream @out
  }
  adf.phase @third layer "third" macs 0 {
    %s = adf.tile shim at(2, 0)
    %m = adf.tile mem at(2, 1)
    %slab = adf.window on %m depth 1 bytes 64 address 0 stride 64 locks [0, 1]
    adf.stream @in from %s to %m
    adf.stream @out from %m to %s
    adf.dma on %s mm2s channel 0 stream @in {
      adf.bd @tmp offset 0 dims [<16 x 1>] id 0
    }
    adf.dma on %m s2mm channel 0 stream @in {
      adf.bd %slab offset 0 dims [<16 x 1>] acquire <empty >= 1> release <full + 1> id 0
    }
    adf.dma on %m mm2s channel 1 stream @out {
      adf.bd %slab offset 0 dims [<16 x 1>] acquire <full >= 1> release <empty + 1> id 24
    }
    adf.dma on %s s2mm channel 0 stream @out token {
      adf.bd @y offset 16 dims [<16 x 1>] id 1
    }
    adf.connect at(2, 0) from <south 3> to <north 0> stream @in
    adf.connect at(2, 1) from <south 0> to <dma 0> stream @in
    adf.connect at(2, 0) from <north 0> to <south 2> stream @out
    adf.connect at(2, 1) from <dma 1> to <south 0> stream @out
  }
}
