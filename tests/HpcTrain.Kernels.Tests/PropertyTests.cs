using FsCheck;
using FsCheck.Fluent;
using HpcTrain.Kernels.Tests.Reference;

namespace HpcTrain.Kernels.Tests;

/// <summary>Properties over random types, operations, lengths, places and numbers of sources.</summary>
internal sealed unsafe class PropertyTests
{
    private sealed record Setting(ElementType Type, ReduceOp Op, int Ways, int Length, int Offset, int Seed);

    private static readonly Gen<Setting> Settings =
        from type in Gen.Elements(ElementTypes.All.ToArray())
        from op in Gen.Elements(ReduceOps.All.Where(o => o.IsDefinedFor(type)))
        from ways in Gen.Choose(1, 9)
        from length in Gen.Choose(0, 3000)
        from offset in Gen.Choose(0, 15)
        from seed in Gen.Choose(0, int.MaxValue)
        select new Setting(type, op, ways, length, offset, seed);

    [Test]
    public void A_fold_equals_the_scalar_fold() => Check(setting =>
    {
        GuardedArray[] sources = Sources(setting);
        using var destination = new GuardedArray(setting.Type, setting.Length, setting.Offset);
        HostKernels.ReduceMany(setting.Type, setting.Op, destination.Pointer, Addresses(sources), setting.Length);
        ulong[] expected =
            [.. Enumerable.Range(0, setting.Length).Select(i => ScalarReduction.Fold(setting.Type, setting.Op, sources, i))];
        ElementAssert.HasBits(destination, expected);
        Free(sources);
    });

    [Test]
    public void A_fold_cut_anywhere_gives_the_same_bits() => Check(setting =>
    {
        GuardedArray[] sources = Sources(setting);
        using var whole = new GuardedArray(setting.Type, setting.Length, setting.Offset);
        using var parts = new GuardedArray(setting.Type, setting.Length, 15 - setting.Offset);
        HostKernels.ReduceMany(setting.Type, setting.Op, whole.Pointer, Addresses(sources), setting.Length);
        int cut = setting.Seed % (setting.Length + 1), cutBytes = cut * setting.Type.SizeInBytes();
        HostKernels.ReduceMany(setting.Type, setting.Op, parts.Pointer, Addresses(sources), cut);
        HostKernels.ReduceMany(setting.Type, setting.Op, parts.Pointer + cutBytes,
            [.. sources.Select(s => s.Address + cutBytes)], setting.Length - cut);
        Assert.That(parts.Bytes.SequenceEqual(whole.Bytes), $"{setting}");
        Free(sources);
    });

    [Test]
    public void Step_by_step_is_the_fold_unless_16_bit_floats_round_in_between() => Check(setting =>
    {
        bool rounds = setting.Type is ElementType.F16 or ElementType.BF16 && setting.Op is not (ReduceOp.Min or ReduceOp.Max);
        if (rounds) return;
        GuardedArray[] sources = Sources(setting);
        using var whole = new GuardedArray(setting.Type, setting.Length, setting.Offset);
        HostKernels.ReduceMany(setting.Type, setting.Op, whole.Pointer, Addresses(sources), setting.Length);
        using var steps = new GuardedArray(setting.Type, setting.Length, 3);
        HostKernels.ReduceMany(setting.Type, setting.Op, steps.Pointer, [sources[0].Address], setting.Length);
        foreach (GuardedArray source in sources.Skip(1))
            HostKernels.Reduce(setting.Type, setting.Op, steps.Pointer, source.Pointer, setting.Length);
        Assert.That(steps.Bytes.SequenceEqual(whole.Bytes), $"{setting}");
        Free(sources);
    });

    [Test]
    public void Two_operands_commute_bit_by_bit() => Check(setting =>
    {
        GuardedArray[] sources = Sources(setting with { Ways = 2 });
        using var forth = new GuardedArray(setting.Type, setting.Length, setting.Offset);
        using var back = new GuardedArray(setting.Type, setting.Length);
        HostKernels.ReduceMany(setting.Type, setting.Op, forth.Pointer, Addresses(sources), setting.Length);
        HostKernels.ReduceMany(setting.Type, setting.Op, back.Pointer, [sources[1].Address, sources[0].Address], setting.Length);
        Assert.That(back.Bytes.SequenceEqual(forth.Bytes), $"{setting}");
        Free(sources);
    });

    [Test]
    public void A_large_destination_is_streamed_with_the_same_bits([Values(2, 3)] int ways)
    {
        // 8 MiB and more are written past the caches; the reference is the same fold over short parts.
        foreach (ElementType type in new[] { ElementType.F32, ElementType.F64, ElementType.U8, ElementType.BF16 })
        {
            int length = (8 << 20) / type.SizeInBytes() + 77;
            var setting = new Setting(type, ReduceOp.Sum, ways, length, 5, 9);
            GuardedArray[] sources = Sources(setting);
            using var whole = new GuardedArray(type, length, setting.Offset);
            using var parts = new GuardedArray(type, length);
            HostKernels.ReduceMany(type, ReduceOp.Sum, whole.Pointer, Addresses(sources), length);
            const int part = 10007;
            for (int start = 0; start < length; start += part)
            {
                int bytes = start * type.SizeInBytes();
                HostKernels.ReduceMany(type, ReduceOp.Sum, parts.Pointer + bytes,
                    [.. sources.Select(s => s.Address + bytes)], Math.Min(part, length - start));
            }
            Assert.That(whole.Bytes.SequenceEqual(parts.Bytes), type.Name());
            whole.AssertGuardsIntact();
            Free(sources);
        }
    }

    private static void Check(Action<Setting> property) =>
        Prop.ForAll(Settings.ToArbitrary(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static GuardedArray[] Sources(Setting setting) =>
        [.. Enumerable.Range(0, setting.Ways)
            .Select(s => Samples.Mixed(setting.Type, setting.Length, (setting.Offset + s) % 16, setting.Seed ^ s))];

    private static nint[] Addresses(GuardedArray[] arrays) => [.. arrays.Select(a => a.Address)];

    private static void Free(GuardedArray[] arrays)
    {
        foreach (GuardedArray array in arrays) array.Dispose();
    }
}
