using System.Numerics;

namespace HpcTrain.Mpi.Tests;

/// <summary>The ABI tables as data; <see cref="AbiBehaviourTests"/> checks two of them against the real libraries.</summary>
public class AbiTableTests
{
    private static readonly MpiFlavor[] Flavors = Enum.GetValues<MpiFlavor>();

    // The table of the MPI documents, independent of the code: rows are (what, MPICH, Open MPI, standard ABI).
    private static readonly object[][] Constants =
    [
        [nameof(MpiAbiTable.HandleSize), 4L, 8L, 8L],
        [nameof(MpiAbiTable.StatusSize), 20L, 24L, 32L],
        [nameof(MpiAbiTable.StatusSourceOffset), 8L, 0L, 0L],
        [nameof(MpiAbiTable.StatusTagOffset), 12L, 4L, 4L],
        [nameof(MpiAbiTable.StatusErrorOffset), 16L, 8L, 8L],
        [nameof(MpiAbiTable.InPlace), -1L, 1L, 1L],
        [nameof(MpiAbiTable.StatusIgnore), 1L, 0L, 0L],
        [nameof(MpiAbiTable.AnySource), -2L, -1L, -1L],
        [nameof(MpiAbiTable.AnyTag), -1L, -1L, -2L],
        [nameof(MpiAbiTable.ProcNull), -1L, -2L, -3L],
        [nameof(MpiAbiTable.Root), -3L, -4L, -4L],
        [nameof(MpiAbiTable.Undefined), -32766L, -32766L, -32766L],
        [nameof(MpiAbiTable.CommTypeShared), 1L, 0L, 221L],
        [nameof(MpiAbiTable.ErrTruncate), 14L, 15L, 15L],
        [nameof(MpiAbiTable.ErrInStatus), 17L, 18L, 19L],
        [nameof(MpiAbiTable.ErrPending), 18L, 19L, 18L],
        [nameof(MpiAbiTable.TagUpperBoundKey), 0x64400001L, 0L, 501L],
        [nameof(MpiAbiTable.MaxProcessorName), 128L, 256L, 256L],
        [nameof(MpiAbiTable.MaxLibraryVersion), 8192L, 256L, 8192L],
        [nameof(MpiAbiTable.MaxErrorString), 512L, 256L, 512L],
    ];

    private static readonly object[][] Handles =
    [
        [MpiHandle.CommWorld, 0x44000000, "comm_world", 0x101],
        [MpiHandle.CommSelf, 0x44000001, "comm_self", 0x102],
        [MpiHandle.CommNull, 0x04000000, "comm_null", 0x100],
        [MpiHandle.RequestNull, 0x2c000000, "ompi_request_null", 0x180],
        [MpiHandle.DatatypeNull, 0x0c000000, "datatype_null", 0x200],
        [MpiHandle.OpNull, 0x18000000, "op_null", 0x20],
        [MpiHandle.InfoNull, 0x1c000000, "info_null", 0x130],
        [MpiHandle.WinNull, 0x20000000, "win_null", 0x110],
        [MpiHandle.GroupNull, 0x08000000, "group_null", 0x108],
        [MpiHandle.GroupEmpty, 0x48000000, "group_empty", 0x109],
        [MpiHandle.ErrorsFatal, 0x54000000, "errors_are_fatal", 0x141],
        [MpiHandle.ErrorsReturn, 0x54000001, "errors_return", 0x143],
        [MpiHandle.Byte, 0x4c00010d, "byte", 0x247],
        [MpiHandle.Int8, 0x4c000137, "int8_t", 0x240],
        [MpiHandle.UInt8, 0x4c00013b, "uint8_t", 0x241],
        [MpiHandle.Int16, 0x4c000238, "int16_t", 0x248],
        [MpiHandle.UInt16, 0x4c00023c, "uint16_t", 0x249],
        [MpiHandle.Int32, 0x4c000439, "int32_t", 0x250],
        [MpiHandle.UInt32, 0x4c00043d, "uint32_t", 0x251],
        [MpiHandle.Int64, 0x4c00083a, "int64_t", 0x258],
        [MpiHandle.UInt64, 0x4c00083e, "uint64_t", 0x259],
        [MpiHandle.Float32, 0x4c00040a, "float", 0x210],
        [MpiHandle.Float64, 0x4c00080b, "double", 0x214],
        [MpiHandle.Sum, 0x58000003, "op_sum", 0x21],
        [MpiHandle.Min, 0x58000002, "op_min", 0x22],
        [MpiHandle.Max, 0x58000001, "op_max", 0x23],
        [MpiHandle.Prod, 0x58000004, "op_prod", 0x24],
        [MpiHandle.BitwiseAnd, 0x58000006, "op_band", 0x28],
        [MpiHandle.BitwiseOr, 0x58000008, "op_bor", 0x29],
        [MpiHandle.BitwiseXor, 0x5800000a, "op_bxor", 0x2a],
        [MpiHandle.LogicalAnd, 0x58000005, "op_land", 0x30],
        [MpiHandle.LogicalOr, 0x58000007, "op_lor", 0x31],
        [MpiHandle.LogicalXor, 0x58000009, "op_lxor", 0x32],
    ];

    [TestCaseSource(nameof(Constants))]
    public void Constants_are_those_of_the_headers(string name, long mpich, long openMpi, long standard)
    {
        var property = typeof(MpiAbiTable).GetProperty(name)!;
        long Value(MpiFlavor flavor) => Convert.ToInt64(
            property.GetValue(MpiAbiTable.Of(flavor)) is nint pointer ? (long)pointer : property.GetValue(MpiAbiTable.Of(flavor)), null);
        Assert.That((Value(MpiFlavor.Mpich), Value(MpiFlavor.OpenMpi), Value(MpiFlavor.StandardAbi)), Is.EqualTo((mpich, openMpi, standard)));
    }

    [TestCaseSource(nameof(Handles))]
    public void Handles_are_those_of_the_headers(object handle, int mpich, string openMpi, int standard)
    {
        var key = (MpiHandle)handle;
        var symbol = openMpi.StartsWith("ompi_", StringComparison.Ordinal) ? openMpi : "ompi_mpi_" + openMpi;
        Assert.That(MpichAbi.Table.HandleValues![key], Is.EqualTo(mpich));
        Assert.That(OpenMpiAbi.Table.HandleSymbols![key], Is.EqualTo(symbol));
        Assert.That(StandardAbi.Table.HandleValues![key], Is.EqualTo(standard));
    }

    [Test]
    public void Thread_levels_are_those_of_the_headers()
    {
        Assert.That(MpichAbi.Table.ThreadLevels, Is.EqualTo(new[] { 0, 1, 2, 3 }));
        Assert.That(OpenMpiAbi.Table.ThreadLevels, Is.EqualTo(new[] { 0, 1, 2, 3 }));
        Assert.That(StandardAbi.Table.ThreadLevels, Is.EqualTo(new[] { 0, 1024, 2048, 4096 }));
    }

    [Test]
    public void Every_handle_is_in_the_test_and_in_every_table([ValueSource(nameof(Flavors))] MpiFlavor flavor)
    {
        var table = MpiAbiTable.Of(flavor);
        var all = Enum.GetValues<MpiHandle>();
        Assert.That(table.Flavor, Is.EqualTo(flavor));
        Assert.That(Handles.Select(row => row[0]), Is.EquivalentTo(all));
        Assert.That(table.HandleValues?.Keys ?? table.HandleSymbols!.Keys, Is.EquivalentTo(all));
        Assert.That(table.HandleValues is null, Is.Not.EqualTo(table.HandleSymbols is null));
        Assert.That(table.HandleValues?.Values.Distinct().Count() ?? table.HandleSymbols!.Values.Distinct().Count(), Is.EqualTo(all.Length));
    }

    [Test]
    public void A_status_fits_the_public_struct([ValueSource(nameof(Flavors))] MpiFlavor flavor)
    {
        var table = MpiAbiTable.Of(flavor);
        Assert.That(table.StatusSize, Is.LessThanOrEqualTo(Status.MaxSize).And.EqualTo(table.StatusSize / 4 * 4));
        foreach (var offset in new[] { table.StatusSourceOffset, table.StatusTagOffset, table.StatusErrorOffset })
            Assert.That(offset, Is.InRange(0, table.StatusSize - 4).And.EqualTo(offset / 4 * 4));
    }

    [Test]
    public void Element_types_and_operations_find_the_handle_of_their_own_name([ValueSource(nameof(Flavors))] MpiFlavor flavor)
    {
        var abi = Resolve(flavor);
        foreach (var type in Enum.GetValues<MpiDatatype>())
            Assert.That(abi.Handle(type), Is.EqualTo(abi[Enum.Parse<MpiHandle>(type.ToString())]), type.ToString());
        foreach (var op in Enum.GetValues<MpiOp>())
            Assert.That(abi.Handle(op), Is.EqualTo(abi[Enum.Parse<MpiHandle>(op.ToString())]), op.ToString());
    }

    [Test]
    public void Mpich_and_fixed_size_standard_handles_carry_the_size_of_their_element()
    {
        foreach (var type in Enum.GetValues<MpiDatatype>())
        {
            var mpich = MpichAbi.Table.HandleValues![Enum.Parse<MpiHandle>(type.ToString())];
            Assert.That((mpich >> 8) & 0xff, Is.EqualTo(type.SizeInBytes()), type.ToString());

            // 0b1001_sssuv: s is the binary logarithm of the size.
            var standard = StandardAbi.Table.HandleValues![Enum.Parse<MpiHandle>(type.ToString())];
            if (standard >> 6 == 0b1001)
                Assert.That((standard >> 3) & 7, Is.EqualTo(BitOperations.Log2((uint)type.SizeInBytes())), type.ToString());
        }
    }

    [Test]
    public void Thread_levels_map_there_and_back([ValueSource(nameof(Flavors))] MpiFlavor flavor)
    {
        var abi = Resolve(flavor);
        foreach (var level in Enum.GetValues<ThreadLevel>())
            Assert.That(abi.ToThreadLevel(abi.Value(level)), Is.EqualTo(level));
    }

    [Test]
    public void Every_symbol_is_exported_by_the_real_open_mpi()
    {
        if (!MpiLibrary.TryLoad(LibrarySearch.OpenMpiName, out var library, out var problem))
            Assert.Ignore(problem);
        Assert.That(library!.Flavor, Is.EqualTo(MpiFlavor.OpenMpi));
        foreach (var handle in Enum.GetValues<MpiHandle>())
            Assert.That(library.Abi[handle], Is.Not.Zero, handle.ToString());
    }

    [Test]
    public void The_sizes_of_element_types_are_those_of_dotnet()
    {
        Assert.That(Enum.GetValues<MpiDatatype>().Select(type => type.SizeInBytes()),
            Is.EqualTo(new[] { 1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8 }));
        Assert.That(MpiDatatypes.Of<float>(), Is.EqualTo(MpiDatatype.Float32));
        Assert.That(MpiDatatypes.Of<byte>(), Is.EqualTo(MpiDatatype.UInt8));
        Assert.That(MpiDatatypes.Of<nint>(), Is.EqualTo(MpiDatatype.Int64));
        Assert.That(() => MpiDatatypes.Of<Half>(), Throws.TypeOf<NotSupportedException>().With.Message.Contains("Half"));
    }

    private static MpiAbi Resolve(MpiFlavor flavor)
    {
        // Any distinct numbers serve as addresses.
        var addresses = new List<string>();
        return new MpiAbi(MpiAbiTable.Of(flavor), name =>
        {
            addresses.Add(name);
            return addresses.Count;
        });
    }
}
