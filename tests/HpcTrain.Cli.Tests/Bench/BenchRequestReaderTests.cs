using HpcTrain.Benchmarking;
using HpcTrain.Cli.Bench;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;
using HpcTrain.Kernels;

namespace HpcTrain.Cli.Tests.Bench;

internal sealed class BenchRequestReaderTests
{
    private static BenchmarkRequest Read(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return BenchRequestReader.Read(OptionParser.Parse<BenchOptions>("hpctrain bench", "", words)!, words);
    }

    [TestCase("--segment auto", 0, true)]
    [TestCase("--segment 64K", 65536, false)]
    [TestCase("", 0, false)]
    public void Segments_are_a_size_or_found(string words, long bytes, bool finds)
    {
        BenchmarkRequest request = Read($"allreduce {words}");
        Assert.That((request.SegmentBytes, request.FindsSegments), Is.EqualTo((bytes, finds)));
    }

    [Test]
    public void Without_options_an_allreduce_is_measured_as_nccl_tests_does()
    {
        BenchmarkRequest request = Read("");

        Assert.That(request.Collectives, Is.EqualTo(new[] { CollectiveKind.AllReduce }));
        Assert.That(request.Sizes, Is.EqualTo(new SizeSweep(8, 16 << 20, 2)));
        Assert.That((request.Iterations, request.Warmup, request.Checks, request.ComparesWithVendor), Is.EqualTo(((int?)20, 5, true, true)));
        Assert.That((request.OutOfPlace, request.InPlace), Is.EqualTo((true, true)));
        Assert.That(request.Algorithms, Is.EqualTo(new[] { "auto" }));
    }

    [Test]
    public void Short_and_long_options_are_understood()
    {
        BenchmarkRequest request = Read("alltoall,barrier -b 1K -e 1G -i 64K -n auto -w 0 -c 0 -d bf16,u8 -o max,avg -r all --in-place 1 -a ring,direct "
            + "--segment 4K --buffers ordinary --compare none --seed 9 --stall-timeout 2.5 --max-time 60 --row-time 3 -J a.json");

        Assert.That(request.Collectives, Is.EqualTo(new[] { CollectiveKind.AllToAll, CollectiveKind.Barrier }));
        Assert.That(request.Sizes, Is.EqualTo(new SizeSweep(1024, 1 << 30, 2, 65536)));
        Assert.That((request.Iterations, request.Warmup, request.Checks, request.ComparesWithVendor), Is.EqualTo(((int?)null, 0, false, false)));
        Assert.That(request.Types, Is.EqualTo(new[] { ElementType.BF16, ElementType.U8 }));
        Assert.That(request.Ops, Is.EqualTo(new[] { ReduceOp.Max, ReduceOp.Avg }));
        Assert.That((request.Root, request.OutOfPlace, request.InPlace), Is.EqualTo(((int?)null, false, true)));
        Assert.That(request.Algorithms, Is.EqualTo(new[] { "ring", "direct" }));
        Assert.That((request.SegmentBytes, request.Buffers, request.Seed), Is.EqualTo((4096L, BufferKind.Ordinary, 9UL)));
        Assert.That((request.StallTimeout, request.MaxTime, request.RowTime), Is.EqualTo((TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(3))));
        Assert.That(request.JsonFile, Is.EqualTo("a.json"));
    }

    [Test]
    public void Types_have_the_names_of_nccl_tests_too() => Assert.That(
        Read("-d float,double,half,bfloat16,int8,uint8,int16,uint16,int32,uint32,int64,uint64").Types, Is.EqualTo(ElementTypes.All));

    [Test]
    public void All_means_all_that_can_be_measured()
    {
        BenchmarkRequest request = Read("all --type all --op all");

        Assert.That(request.Collectives, Is.EqualTo(Enum.GetValues<CollectiveKind>()));
        Assert.That(request.Types, Is.EqualTo(ElementTypes.All));
        Assert.That(request.Ops, Is.EqualTo(ReduceOps.All));
        Assert.That(request.LeavesOutUndefined, Is.True);
    }

    [TestCase("allredcue", "'allredcue'", "did you mean allreduce?")]
    [TestCase("--type f31", "'f31'", "bf16")]
    [TestCase("--type floot", "'floot'", "did you mean float?")]
    [TestCase("--op average", "'average'", "avg")]
    [TestCase("-b 8X", "--min-bytes is '8X'", "64K")]
    [TestCase("-e -5", "--max-bytes is '-5'", "64K")]
    [TestCase("-f 2 -i 8", "--factor", "--step-bytes")]
    [TestCase("-n 0", "--iters is '0'", "auto")]
    [TestCase("-n many", "--iters is 'many'", "auto")]
    [TestCase("-w -1", "--warmup is '-1'", "0")]
    [TestCase("-c 2", "--check is '2'", "0 or 1")]
    [TestCase("--in-place maybe", "--in-place is 'maybe'", "both")]
    [TestCase("--root first", "--root is 'first'", "all")]
    [TestCase("--root -1", "--root is '-1'", "all")]
    [TestCase("--buffers gpu", "--buffers is 'gpu'", "ordinary")]
    [TestCase("--compare gloo", "--compare is 'gloo'", "vendor")]
    [TestCase("--stall-timeout 0", "--stall-timeout", "above 0")]
    [TestCase("--max-time -1", "--max-time", "above 0")]
    [TestCase("--seed -1", "--seed", "")]
    public void A_wrong_value_is_a_sentence_with_the_right_ones(string line, string what, string remedy) =>
        Assert.That(() => Read(line), Throws.TypeOf<UsageException>().With.Message.Contains(what).And.Message.Contains(remedy).And.Message.Not.Contains("\n"));
}
