// A placed resident program of three steps: an input comes to the hub through the join; a core makes %t1 of %t0, and
// the output of %t1.
adf.program @main device "ve2802" tiles 1 avoid [] {
  adf.ddr @x buffer(input) bytes(64) offset(0) dims [1, 64] valid 64
  adf.ddr @y buffer(output) bytes(64) offset(0) dims [1, 64] valid 64
  adf.phase @network mode resident layer "" macs 0 {
    adf.step layer "input" kind "copy" macs 0 cores 0
    adf.step layer "a" kind "add" macs 0 cores 1
    adf.step layer "b" kind "add" macs 0 cores 1
    %s = adf.tile shim at(2, 0)
    %join = adf.tile mem at(2, 1)
    %hub = adf.tile mem at(2, 2)
    %c = adf.tile core at(2, 3)
    %t0 = adf.window on %hub depth 1 bytes 64 address 0 stride 64 locks [0, 1] live [0, 1]
    %t1 = adf.window on %hub depth 1 bytes 64 address 64 stride 64 locks [2, 3] live [1, 2]
    %p = adf.window on %join depth 1 bytes 64 address 0 stride 64 locks [0, 1]
    %i = adf.window on %join depth 1 bytes 64 address 64 stride 64 locks [2, 3]
    %a = adf.window on %c depth 1 bytes 64 address 0 stride 64 locks [0, 1]
    %o = adf.window on %c depth 1 bytes 64 address 64 stride 64 locks [2, 3]
    adf.stream @in from %s to %join
    adf.stream @relay from %join to %hub
    adf.stream @act from %hub to %c
    adf.stream @out from %c to %join
    adf.stream @drain from %join to %s
    adf.dma on %join s2mm channel 5 stream @in packets endless {
      adf.bd %i offset 0 dims [<16 x 1>] acquire <empty >= 1> release <full + 1> id 24
    }
    adf.dma on %join s2mm channel 0 stream @out packets endless {
      adf.bd %p offset 0 dims [<16 x 1>] acquire <empty >= 1> release <full + 1> id 0
    }
    adf.dma on %c s2mm channel 0 stream @act packets endless {
      adf.bd %a offset 0 dims [<16 x 1>] acquire <empty >= 1> release <full + 1> id 0
    }
    adf.dma on %s mm2s channel 0 stream @in step 0 {
      adf.bd @x offset 0 dims [<16 x 1>] id 0
    }
    adf.dma on %join mm2s channel 1 stream @relay step 0 {
      adf.bd %i offset 0 dims [<16 x 1>] acquire <full >= 1> release <empty + 1> id 25
    }
    adf.dma on %hub s2mm channel 0 stream @relay token step 0 {
      adf.bd %t0 offset 0 dims [<16 x 1>] release <full + 1> id 0
    }
    adf.dma on %hub mm2s channel 0 stream @act step 1 {
      adf.bd %t0 offset 0 dims [<16 x 1>] acquire <full == 1> id 1
    }
    adf.dma on %c mm2s channel 0 stream @out step 1 {
      adf.bd %o offset 0 dims [<16 x 1>] acquire <full >= 1> release <empty + 1> id 1
    }
    adf.dma on %join mm2s channel 1 stream @relay step 1 {
      adf.bd %p offset 0 dims [<16 x 1>] acquire <full >= 1> release <empty + 1> id 26
    }
    adf.dma on %hub s2mm channel 0 stream @relay token step 1 {
      adf.bd %t1 offset 0 dims [<16 x 1>] release <full + 1> id 2
    }
    adf.dma on %hub mm2s channel 0 stream @act step 2 {
      adf.bd %t1 offset 0 dims [<16 x 1>] acquire <full == 1> id 3
    }
    adf.dma on %c mm2s channel 0 stream @out step 2 {
      adf.bd %o offset 0 dims [<16 x 1>] acquire <full >= 1> release <empty + 1> id 1
    }
    adf.dma on %join mm2s channel 3 stream @drain step 2 {
      adf.bd %p offset 0 dims [<16 x 1>] acquire <full >= 1> release <empty + 1> id 26
    }
    adf.dma on %s s2mm channel 0 stream @drain token step 2 {
      adf.bd @y offset 0 dims [<16 x 1>] id 1
    }
    adf.core on %c endless {
      adf.loop 2 {
        adf.acquire %a <full >= 1>
        adf.release %a <empty + 1>
        adf.acquire %o <empty >= 1>
        adf.release %o <full + 1>
      }
    }
    adf.connect at(2, 0) from <south 3> to <north 0> stream @in
    adf.connect at(2, 1) from <south 0> to <dma 5> stream @in
    adf.connect at(2, 1) from <dma 1> to <north 0> stream @relay
    adf.connect at(2, 2) from <south 0> to <dma 0> stream @relay
    adf.connect at(2, 2) from <dma 0> to <north 0> stream @act
    adf.connect at(2, 3) from <south 0> to <dma 0> stream @act
    adf.connect at(2, 3) from <dma 0> to <south 0> stream @out
    adf.connect at(2, 2) from <north 0> to <south 0> stream @out
    adf.connect at(2, 1) from <north 0> to <dma 0> stream @out
    adf.connect at(2, 1) from <dma 3> to <south 0> stream @drain
    adf.connect at(2, 0) from <north 0> to <south 2> stream @drain
  }
}
