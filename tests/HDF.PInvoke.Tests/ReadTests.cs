namespace HDF.PInvoke.Tests;

/// <summary>What h5py writes is read here.</summary>
[TestFixture]
internal sealed unsafe class ReadTests
{
    private TempFile file = null!;

    [SetUp]
    public void Create() => file = new TempFile();

    [TearDown]
    public void Remove() => file.Dispose();

    private static long Ok(long result)
    {
        Assert.That(result, Is.GreaterThanOrEqualTo(0));
        return result;
    }

    private static T[] Read<T>(long dataset, long memoryType, int count) where T : unmanaged
    {
        var values = new T[count];
        fixed (T* data = values)
            Ok(H5D.read(dataset, memoryType, H5S.ALL, H5S.ALL, H5P.DEFAULT, (nint)data));
        return values;
    }

    [Test]
    public void Types_shapes_and_values_with_conversion_to_native()
    {
        _ = Outside.RunH5py(
            """
            f = h5py.File(sys.argv[1], 'w')
            f['plain'] = np.arange(6, dtype='>i4').reshape(2, 3)
            f.create_dataset('packed', data=np.linspace(0, 1, 1000, dtype='<f4'), chunks=(128,), compression='gzip', shuffle=True)
            f['deep/down/half'] = np.array([0.5, -2], dtype='<f2')
            """, file.Path);
        Assert.That(H5F.is_hdf5(file.Path), Is.Positive);
        var h5 = Ok(H5F.open(file.Path, H5F.ACC_RDONLY));

        var plain = Ok(H5D.open(h5, "plain"));
        var space = Ok(H5D.get_space(plain));
        var extents = new ulong[2];
        Assert.That(H5S.get_simple_extent_ndims(space), Is.EqualTo(2));
        Assert.That(H5S.get_simple_extent_dims(space, extents, null!), Is.EqualTo(2));
        Assert.That(extents, Is.EqualTo(new ulong[] { 2, 3 }));
        var type = Ok(H5D.get_type(plain));
        Assert.That(H5T.equal(type, H5T.STD_I32BE), Is.Positive);
        Assert.That(H5T.get_class(type), Is.EqualTo(H5T.class_t.INTEGER));
        Assert.That(H5T.get_order(type), Is.EqualTo(H5T.order_t.BE));
        Assert.That(H5T.get_sign(type), Is.EqualTo(H5T.sign_t.SGN_2));
        Assert.That((long)H5T.get_size(type), Is.EqualTo(4));
        Assert.That(Read<int>(plain, H5T.NATIVE_INT32, 6), Is.EqualTo(Enumerable.Range(0, 6)));
        Assert.That(Read<double>(plain, H5T.NATIVE_DOUBLE, 6), Is.EqualTo(Enumerable.Range(0, 6).Select(i => (double)i)));

        var packed = Ok(H5D.open(h5, "packed"));
        Assert.That(Read<float>(packed, H5T.NATIVE_FLOAT, 1000)[^1], Is.EqualTo(1));
        var creation = Ok(H5D.get_create_plist(packed));
        var chunk = new ulong[1];
        Assert.That(H5P.get_layout(creation), Is.EqualTo(H5D.layout_t.CHUNKED));
        Assert.That(H5P.get_chunk(creation, 1, chunk), Is.EqualTo(1));
        Assert.That(chunk[0], Is.EqualTo(128));
        Assert.That(H5P.get_nfilters(creation), Is.EqualTo(2));

        var half = Ok(H5D.open(h5, "deep/down/half"));
        Assert.That(Read<float>(half, H5T.NATIVE_FLOAT, 2), Is.EqualTo(new[] { 0.5f, -2f }));
        Assert.That(H5L.exists(h5, "deep"), Is.Positive);
        Assert.That(H5L.exists(h5, "shallow"), Is.Zero);

        Ok(H5P.close(creation));
        Ok(H5T.close(type));
        Ok(H5S.close(space));
        foreach (var dataset in new[] { plain, packed, half })
            Ok(H5D.close(dataset));
        Assert.That((long)H5F.get_obj_count(h5, H5F.OBJ_ALL), Is.EqualTo(1), "only the file itself is open");
        Ok(H5F.close(h5));
    }

    [Test]
    public void Chunks_tell_where_they_lie_in_the_file()
    {
        _ = Outside.RunH5py("f = h5py.File(sys.argv[1], 'w')\nf.create_dataset('c', data=np.arange(40, dtype='u1'), chunks=(16,))", file.Path);
        var h5 = Ok(H5F.open(file.Path, H5F.ACC_RDONLY));
        var dataset = Ok(H5D.open(h5, "c"));
        var space = Ok(H5D.get_space(dataset));
        ulong chunks = 0;
        Ok(H5D.get_num_chunks(dataset, space, ref chunks));
        Assert.That(chunks, Is.EqualTo(3));
        var raw = File.ReadAllBytes(file.Path);
        for (var i = 0UL; i < chunks; i++)
        {
            var offset = new ulong[1];
            uint mask = 9;
            ulong address = 0, size = 0;
            Ok(H5D.get_chunk_info(dataset, space, i, offset, ref mask, ref address, ref size));
            Assert.That((offset[0], mask, size), Is.EqualTo((i * 16, 0u, 16ul)));
            Assert.That(raw[(int)address], Is.EqualTo((byte)offset[0]));
        }
        Ok(H5S.close(space));
        Ok(H5D.close(dataset));
        Ok(H5F.close(h5));
    }

    [Test]
    public void Attributes_of_fixed_and_variable_text()
    {
        _ = Outside.RunH5py("f = h5py.File(sys.argv[1], 'w')\nf.attrs['fixed'] = np.bytes_('abc')\nf.attrs['variable'] = 'abc'\nf.attrs['numbers'] = [1, 2, 3]", file.Path);
        var h5 = Ok(H5F.open(file.Path, H5F.ACC_RDONLY));
        var attribute = Ok(H5A.open(h5, "fixed"));
        var type = Ok(H5A.get_type(attribute));
        Assert.That(H5T.is_variable_str(type), Is.Zero);
        var text = new byte[(int)H5T.get_size(type)];
        fixed (byte* bytes = text)
            Ok(H5A.read(attribute, type, (nint)bytes));
        Assert.That(text, Is.EqualTo("abc"u8.ToArray()));
        Ok(H5T.close(type));
        Ok(H5A.close(attribute));
        var numbers = Ok(H5A.open(h5, "numbers"));
        var values = new long[3];
        fixed (long* data = values)
            Ok(H5A.read(numbers, H5T.NATIVE_INT64, (nint)data));
        Assert.That(values, Is.EqualTo(new long[] { 1, 2, 3 }));
        Ok(H5A.close(numbers));
        var variable = Ok(H5A.open(h5, "variable"));
        var variableType = Ok(H5A.get_type(variable));
        Assert.That(H5T.is_variable_str(variableType), Is.Positive);
        Ok(H5T.close(variableType));
        Ok(H5A.close(variable));
        Ok(H5F.close(h5));
    }
}
