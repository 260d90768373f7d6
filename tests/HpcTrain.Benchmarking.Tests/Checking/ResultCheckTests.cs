using System.Runtime.InteropServices;
using HpcTrain.Benchmarking.Checking;
using HpcTrain.Benchmarking.Workloads;
using HpcTrain.Collectives;
using HpcTrain.Kernels;

namespace HpcTrain.Benchmarking.Tests.Checking;

/// <summary>The check passes what is right and finds what is wrong, for every collective, type, operation and a range of ranks.</summary>
internal sealed unsafe class ResultCheckTests
{
    private const int Elements = 1200; // more than a block of the reference, for every number of ranks below

    private static readonly CollectiveKind[] s_collectives = [.. Enum.GetValues<CollectiveKind>().Where(kind => kind != CollectiveKind.Barrier)];

    private static string Words(Workload work) => $"{work}, {work.OpName}, {work.Ranks} ranks";

    private static IEnumerable<Workload> Workloads(ElementType type)
    {
        foreach (CollectiveKind collective in s_collectives)
        {
            foreach (ReduceOp op in collective.Reduces() ? ReduceOps.All.Where(op => Workload.IsMeasured(op, type)) : [ReduceOp.Sum])
            {
                foreach (int ranks in new[] { 1, 2, 3, 5, 8 })
                {
                    long bytes = Elements / ranks * ranks * type.SizeInBytes();
                    yield return new(collective, ranks, type, op, ranks - 1, bytes, InPlace: false);
                }
            }
        }
    }

    [Test]
    public void Right_results_are_right([ValueSource(typeof(ElementTypes), nameof(ElementTypes.All))] ElementType type)
    {
        foreach (Workload work in Workloads(type))
        {
            using var ranks = new SimulatedRanks(work);
            Assert.That(ranks.CountWrong(), Is.EqualTo(Enumerable.Range(0, work.Ranks).Sum(work.ResultCount)).Or.GreaterThan(Elements / 2), $"{Words(work)}: nothing was done yet");
            Assert.That(ranks.Run().CountWrong(), Is.Zero, Words(work));
        }
    }

    [Test]
    public void A_changed_element_is_found_wherever_it_is([ValueSource(typeof(ElementTypes), nameof(ElementTypes.All))] ElementType type)
    {
        int size = type.SizeInBytes();
        foreach (Workload work in Workloads(type))
        {
            using var ranks = new SimulatedRanks(work).Run();
            for (int rank = 0; rank < work.Ranks; rank++)
            {
                Span<byte> result = ranks.ResultOf(rank);
                int count = result.Length / size;
                foreach (int element in count == 0 ? [] : new[] { 0, count / 2, count - 1 }.Distinct())
                {
                    // The highest bit but one of the element: in floats one of the exponent.
                    ref byte damaged = ref result[((element + 1) * size) - 1];
                    damaged ^= 0x40;
                    Assert.That(ranks.CountWrong(rank), Is.EqualTo(1), $"{Words(work)}, rank {rank}, element {element}");
                    damaged ^= 0x40;
                }
            }
        }
    }

    [Test]
    public void A_contribution_that_is_lost_or_counted_twice_is_found(
        [ValueSource(typeof(ElementTypes), nameof(ElementTypes.All))] ElementType type, [Values(ReduceOp.Sum, ReduceOp.Avg)] ReduceOp op, [Values(2, 3, 8)] int count)
    {
        foreach (CollectiveKind collective in s_collectives.Where(kind => kind.Reduces()))
        {
            var work = new Workload(collective, count, type, op, 0, Elements / count * count * type.SizeInBytes(), InPlace: false);
            using var lost = new SimulatedRanks(work);
            lost.SourceOf(count - 1).Clear();
            long results = Enumerable.Range(0, count).Sum(work.ResultCount);
            Assert.That(lost.Run().CountWrong(), Is.GreaterThan(results * 9 / 10 * Detectable(op, type)), $"{Words(work)}, one lost");

            using var twice = new SimulatedRanks(work);
            twice.SourceOf(0).CopyTo(twice.SourceOf(count - 1));
            Assert.That(twice.Run().CountWrong(), Is.GreaterThan(results * 9 / 10 * Detectable(op, type)), $"{Words(work)}, one twice");
        }
    }

    // The division of an average of small integers makes many different sums the same.
    private static double Detectable(ReduceOp op, ElementType type) => op == ReduceOp.Avg && !type.IsFloatingPoint() ? 0.5 : 1;

    [Test]
    public void Blocks_in_the_wrong_order_are_found([ValueSource(typeof(ElementTypes), nameof(ElementTypes.All))] ElementType type)
    {
        foreach (Workload work in Workloads(type).Where(work => work.Ranks > 1 && work.Collective is CollectiveKind.AllGather or CollectiveKind.AllToAll or CollectiveKind.Gather))
        {
            using var ranks = new SimulatedRanks(work).Run();
            Span<byte> result = ranks.ResultOf(work.Root);
            int block = result.Length / work.Ranks;
            byte[] first = result[..block].ToArray();
            result.Slice(block, block).CopyTo(result);
            first.CopyTo(result[block..]);
            Assert.That(ranks.CountWrong(work.Root), Is.GreaterThan(1.9 * work.BlockCount), Words(work));
        }
    }

    [Test]
    public void The_results_of_the_round_before_are_wrong([ValueSource(typeof(ElementTypes), nameof(ElementTypes.All))] ElementType type)
    {
        foreach (Workload work in Workloads(type).Where(work => work.Op is not (ReduceOp.BitAnd or ReduceOp.BitOr or ReduceOp.Min or ReduceOp.Max)))
        {
            using SimulatedRanks before = new SimulatedRanks(work, round: 0).Run(), now = new SimulatedRanks(work, round: 1);
            for (int rank = 0; rank < work.Ranks; rank++)
                before.ResultOf(rank).CopyTo(now.ResultOf(rank));
            Assert.That(now.CountWrong(), Is.GreaterThan(Elements / 4), Words(work));
        }
    }

    [TestCase(ElementType.F32, 1e-5)]
    [TestCase(ElementType.F64, 1e-13)]
    [TestCase(ElementType.F16, 2e-2)]
    [TestCase(ElementType.BF16, 1e-1)]
    public void More_error_than_rounding_can_make_is_found(ElementType type, double share)
    {
        var work = new Workload(CollectiveKind.AllReduce, 4, type, ReduceOp.Sum, 0, Elements * type.SizeInBytes(), InPlace: false);
        using var ranks = new SimulatedRanks(work).Run();
        fixed (byte* result = ranks.ResultOf(0))
        {
            // As if something of a single contribution were missing; they are below one.
            for (int i = 0; i < Elements; i++)
            {
                switch (type)
                {
                    case ElementType.F32: ((float*)result)[i] += (float)share; break;
                    case ElementType.F64: ((double*)result)[i] += share; break;
                    case ElementType.F16: ((Half*)result)[i] = (Half)((float)((Half*)result)[i] + (float)share); break;
                    default: ((BFloat16*)result)[i] = (BFloat16)(((BFloat16*)result)[i] + (float)share); break;
                }
            }
        }

        Assert.That(ranks.CountWrong(0), Is.GreaterThan(Elements * 9 / 10));
    }

    [Test]
    public void Not_a_number_is_wrong([Values(ReduceOp.Sum, ReduceOp.Max)] ReduceOp op)
    {
        var work = new Workload(CollectiveKind.AllReduce, 2, ElementType.F32, op, 0, 64, InPlace: false);
        using var ranks = new SimulatedRanks(work).Run();
        MemoryMarshal.Cast<byte, float>(ranks.ResultOf(1))[3] = float.NaN;
        Assert.That(ranks.CountWrong(), Is.EqualTo(1));
    }

    [Test]
    public void Integers_that_must_not_wrap_do_not([Values(2, 7, 100)] int ranks, [Values(ReduceOp.Sum, ReduceOp.Avg, ReduceOp.Prod)] ReduceOp op)
    {
        var work = new Workload(CollectiveKind.AllReduce, ranks, ElementType.I8, op, 0, 256, InPlace: false);
        using var simulated = new SimulatedRanks(work, wraps: false);
        for (int i = 0; i < work.Count; i++)
        {
            int[] values = [.. Enumerable.Range(0, ranks).Select(rank => (int)(sbyte)simulated.SourceOf(rank)[i])];
            Assert.That(op == ReduceOp.Prod ? values.Aggregate(1, (a, b) => a * b) : values.Sum(), Is.InRange(sbyte.MinValue, sbyte.MaxValue));
        }

        Assert.That(simulated.Run().CountWrong(), Is.Zero);
    }

    [Test]
    public void What_iterations_in_place_would_drive_out_of_range_is_made_steady()
    {
        float[] data = new float[8], ones = [1, 1, 1, 1, 1, 1, 1, 1];
        fixed (float* memory = data)
        {
            Assert.That(Steady(ReduceOp.Sum, true, memory), Is.All.Zero);
            Assert.That(Steady(ReduceOp.Avg, true, memory), Is.All.Zero);
            Assert.That(Steady(ReduceOp.Prod, true, memory), Is.EqualTo(ones));
            Assert.That(Steady(ReduceOp.Max, true, memory), Has.None.Zero, "a maximum stays what it is");
            Assert.That(Steady(ReduceOp.Sum, false, memory), Has.None.Zero, "out of place the contribution stays what it is");
        }

        float[] Steady(ReduceOp op, bool inPlace, float* memory)
        {
            var check = new ResultCheck(new(CollectiveKind.AllReduce, 2, ElementType.F32, op, 0, 32, inPlace), 0);
            check.Fill(memory, memory, new RandomBits(1, 1));
            check.Steady(memory);
            return data.ToArray();
        }
    }

    [Test]
    public void Products_of_many_ranks_stay_in_range([Values(2, 8, 64, 1000)] int ranks, [Values(ElementType.F16, ElementType.BF16, ElementType.F32)] ElementType type)
    {
        var check = ElementCheck.For(type);
        double product = 1;
        ushort[] memory = new ushort[2];
        fixed (ushort* element = memory)
        {
            for (int rank = 0; rank < ranks; rank++)
            {
                check.WriteValues(element, 1, new RandomBits(3, 0).StreamOf(rank), ReduceOp.Prod, ranks);
                product *= type == ElementType.F16 ? (double)*(Half*)element : type == ElementType.BF16 ? *(BFloat16*)element : *(float*)element;
            }
        }

        Assert.That(Math.Abs(product), Is.InRange(1.0 / 1024, 1024));
    }
}
