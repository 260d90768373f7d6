using System.Text.Json;

namespace HDF.PInvoke.Tests;

/// <summary>What is written here, h5py and h5dump read.</summary>
[TestFixture]
internal sealed unsafe class WriteTests
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

    private static void WriteArray<T>(long parent, string name, T[] values, long fileType, long memoryType, long creation = H5P.DEFAULT) where T : unmanaged
    {
        var space = Ok(H5S.create_simple(1, [(ulong)values.Length], null!));
        var dataset = Ok(H5D.create(parent, name, fileType, space, H5P.DEFAULT, creation));
        fixed (T* data = values)
            Ok(H5D.write(dataset, memoryType, H5S.ALL, H5S.ALL, H5P.DEFAULT, (nint)data));
        Ok(H5D.close(dataset));
        Ok(H5S.close(space));
    }

    [Test]
    public void Every_number_type_arrives_with_its_value_width_and_byte_order()
    {
        var h5 = Ok(H5F.create(file.Path, H5F.ACC_TRUNC));
        WriteArray<float>(h5, "f4", [1.5f, -2], H5T.IEEE_F32LE, H5T.NATIVE_FLOAT);
        WriteArray<double>(h5, "f8", [1e300, -2], H5T.IEEE_F64BE, H5T.NATIVE_DOUBLE);
        WriteArray<sbyte>(h5, "i1", [-128, 127], H5T.STD_I8LE, H5T.NATIVE_INT8);
        WriteArray<byte>(h5, "u1", [0, 255], H5T.STD_U8LE, H5T.NATIVE_UINT8);
        WriteArray<short>(h5, "i2", [-32768, 7], H5T.STD_I16BE, H5T.NATIVE_INT16);
        WriteArray<ushort>(h5, "u2", [65535, 7], H5T.STD_U16LE, H5T.NATIVE_UINT16);
        WriteArray<int>(h5, "i4", [int.MinValue, 7], H5T.STD_I32LE, H5T.NATIVE_INT32);
        WriteArray<uint>(h5, "u4", [uint.MaxValue, 7], H5T.STD_U32BE, H5T.NATIVE_UINT32);
        WriteArray<long>(h5, "i8", [long.MinValue, 7], H5T.STD_I64LE, H5T.NATIVE_INT64);
        WriteArray<ulong>(h5, "u8", [ulong.MaxValue, 7], H5T.STD_U64LE, H5T.NATIVE_UINT64);
        Ok(H5F.close(h5));

        var seen = JsonSerializer.Deserialize<Dictionary<string, string>>(Outside.RunH5py(
            "f = h5py.File(sys.argv[1])\nprint(json.dumps({k: f[k].dtype.str + ' ' + repr(f[k][:].tolist()) for k in f}))", file.Path))!;
        Assert.That(seen, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["f4"] = "<f4 [1.5, -2.0]",
            ["f8"] = ">f8 [1e+300, -2.0]",
            ["i1"] = "|i1 [-128, 127]",
            ["u1"] = "|u1 [0, 255]",
            ["i2"] = ">i2 [-32768, 7]",
            ["u2"] = "<u2 [65535, 7]",
            ["i4"] = "<i4 [-2147483648, 7]",
            ["u4"] = ">u4 [4294967295, 7]",
            ["i8"] = "<i8 [-9223372036854775808, 7]",
            ["u8"] = "<u8 [18446744073709551615, 7]",
        }));
    }

    [Test]
    public void A_half_built_from_its_bit_fields_is_numpys_float16()
    {
        var h5 = Ok(H5F.create(file.Path, H5F.ACC_TRUNC));
        var half = Ok(H5T.copy(H5T.IEEE_F32LE));
        Ok(H5T.set_fields(half, 15, 10, 5, 0, 10));
        Ok(H5T.set_size(half, 2));
        Ok(H5T.set_ebias(half, 15));
        WriteArray<Half>(h5, "h", [(Half)1.5, Half.MaxValue, Half.NegativeInfinity], half, half);
        Ok(H5T.close(half));
        Ok(H5F.close(h5));
        Assert.That(Outside.RunH5py("f = h5py.File(sys.argv[1])\nprint(f['h'].dtype.str, f['h'][:].tolist())", file.Path),
            Is.EqualTo("<f2 [1.5, 65504.0, -inf]"));
    }

    [Test]
    public void Chunks_filters_and_growth_show_in_h5dump_and_hold_their_data()
    {
        var h5 = Ok(H5F.create(file.Path, H5F.ACC_TRUNC));
        var creation = Ok(H5P.create(H5P.DATASET_CREATE));
        Ok(H5P.set_chunk(creation, 2, [4, 3]));
        Ok(H5P.set_shuffle(creation));
        Ok(H5P.set_deflate(creation, 6));
        Ok(H5P.set_fletcher32(creation));
        var space = Ok(H5S.create_simple(2, [0, 3], [H5S.UNLIMITED, 3]));
        var dataset = Ok(H5D.create(h5, "grown", H5T.STD_I32LE, space, H5P.DEFAULT, creation));
        for (var block = 0; block < 3; block++)
        {
            Ok(H5D.set_extent(dataset, [(ulong)(block + 1) * 4, 3]));
            var target = Ok(H5D.get_space(dataset));
            Ok(H5S.select_hyperslab(target, H5S.seloper_t.SET, [(ulong)block * 4, 0], null!, [4, 3], null!));
            var memory = Ok(H5S.create_simple(2, [4, 3], null!));
            Assert.That(H5S.get_select_npoints(target), Is.EqualTo(12));
            fixed (int* data = Enumerable.Range(block * 12, 12).ToArray())
                Ok(H5D.write(dataset, H5T.NATIVE_INT32, memory, target, H5P.DEFAULT, (nint)data));
            Ok(H5S.close(memory));
            Ok(H5S.close(target));
        }
        Ok(H5D.close(dataset));
        Ok(H5S.close(space));
        Ok(H5P.close(creation));
        Ok(H5F.close(h5));

        var dump = Outside.RunH5dump("-H", "-p", file.Path);
        Assert.That(dump, Does.Contain("CHUNKED ( 4, 3 )").And.Contain("PREPROCESSING SHUFFLE").And.Contain("DEFLATE { LEVEL 6 }")
            .And.Contain("CHECKSUM FLETCHER32").And.Contain("( 12, 3 ) / ( H5S_UNLIMITED, 3 )"));
        Assert.That(Outside.RunH5dump("-d", "/grown", "-y", "-w", "0", file.Path), Does.Contain("33, 34, 35"));
    }

    [Test]
    public void Groups_and_attributes_of_numbers_and_text()
    {
        var h5 = Ok(H5F.create(file.Path, H5F.ACC_TRUNC));
        var group = Ok(H5G.create(h5, "größe"));
        var scalar = Ok(H5S.create(H5S.class_t.SCALAR));
        var number = Ok(H5A.create(group, "answer", H5T.STD_I64LE, scalar));
        var answer = 42L;
        Ok(H5A.write(number, H5T.NATIVE_INT64, (nint)(&answer)));
        Ok(H5A.close(number));
        var text = Ok(H5T.copy(H5T.C_S1));
        Ok(H5T.set_size(text, 4));
        Ok(H5T.set_cset(text, H5T.cset_t.UTF8));
        Ok(H5T.set_strpad(text, H5T.str_t.NULLPAD));
        var name = Ok(H5A.create(group, "name", text, scalar));
        fixed (byte* bytes = "häh"u8.ToArray())
            Ok(H5A.write(name, text, (nint)bytes));
        Assert.That(H5A.exists(group, "name"), Is.Positive);
        Assert.That(H5A.exists(group, "nome"), Is.Zero);
        Ok(H5A.close(name));
        Ok(H5T.close(text));
        Ok(H5S.close(scalar));
        Ok(H5G.close(group));
        Ok(H5F.close(h5));
        Assert.That(Outside.RunH5py("f = h5py.File(sys.argv[1])\ng = f['größe']\nprint(list(f) == ['größe'], g.attrs['answer'], g.attrs['name'].decode() == 'häh')", file.Path),
            Is.EqualTo("True 42 True"));
    }
}
