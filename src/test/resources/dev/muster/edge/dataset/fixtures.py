# Makes the .h5 files beside it, with h5py 3.16 (HDF5 2.0): what jHDF's writer cannot write. Run it in this folder.
import h5py
import numpy as np

noise = np.random.default_rng(1).integers(0, 256, (6, 64)).astype("u1")
ramp = np.arange(210, dtype="f4").reshape(7, 5, 6)

for name, versions in (("old", "earliest"), ("new", ("v110", "v110"))):
    with h5py.File(name + ".h5", "w", libver=versions) as f:
        f.create_dataset("big", data=ramp.astype(">f8"))
        f.create_dataset("half", data=ramp.astype("f2"))
        f.create_dataset("gzip", data=ramp, chunks=(3, 3, 4), compression="gzip", shuffle=True, fletcher32=True)
        f.create_dataset("noise", data=noise, chunks=(2, 64), compression="lzf")
        f.create_dataset("lzf", data=ramp.astype("i2"), chunks=(7, 5, 6), compression="lzf")
        f.create_dataset("grows", data=ramp, chunks=(2, 5, 6), maxshape=(None, 5, 6))
        f.create_dataset("group/below/u8", data=np.array([2**64 - 1, 0], dtype="u8"))
        f["group/around"] = f["/"]
        f["again"] = f["big"]
        f["link"] = h5py.SoftLink("/big")
        f["outside"] = h5py.ExternalLink("/etc/passwd", "/x")
        f["scalar"] = 1.5
        f["names"] = np.array([b"a", b"bc"])
        f["flags"] = np.array([True, False])
        f["pairs"] = np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f4")])
        layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        layout.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((4, 2))
        compact = h5py.h5d.create(f.id, b"compact", h5py.h5t.IEEE_F32BE, space, layout)
        compact.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(8, dtype="f4").reshape(4, 2))
    with h5py.File(name + "_holes.h5", "w", libver=versions) as f:
        f.create_dataset("never", shape=(4, 3), dtype="f4")
        some = f.create_dataset("some", shape=(8, 3), dtype="f4", chunks=(2, 3))
        some[0:2] = [[1, 2, 3], [4, 5, 6]]
with h5py.File("block.h5", "w", userblock_size=512, libver=("v110", "v110")) as f:
    f["x"] = ramp
with h5py.File("packed.h5", "w", libver=("v110", "v110")) as f:
    f.create_dataset("x", data=ramp.astype("i4"), chunks=(7, 5, 6), scaleoffset=0)
    f["y"] = np.arange(6.0)
