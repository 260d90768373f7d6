using HpcTrain.Training.Jobs;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Replication;

namespace HpcTrain.Training.Tests.Replication;

/// <summary>What <c>--parallel</c> takes, and with which other options.</summary>
public sealed class ParallelTextTests
{
    private static readonly TestCaseData[] _forms =
    [
        new("sync", new SynchronousChoice()),
        new("async", new ServerChoice("async", null)),
        new("ssp:0", new ServerChoice("ssp:0", 0)),
        new("ssp:3", new ServerChoice("ssp:3", 3)),
        new("hybrid", new HybridChoice("hybrid", null)),
        new("hybrid:4", new HybridChoice("hybrid:4", 4)),
        new("local:8", new LocalChoice("local:8", 8, 0)),
        new("fedprox", new LocalChoice("fedprox", 8, 0.01)),
        new("fedprox:4:0.5", new LocalChoice("fedprox:4:0.5", 4, 0.5)),
    ];

    [TestCaseSource(nameof(_forms))]
    public void A_form_is_read(string text, ParallelChoice expected) => Assert.That(ParallelText.Parse(text), Is.EqualTo(expected));

    [TestCase("", "must be sync, async")]
    [TestCase("ssp", "must be sync, async, ssp:STALENESS")]
    [TestCase("ssp:-1", "from 0 on")]
    [TestCase("ssp:x", "as ssp:3")]
    [TestCase("hybrid:0", "as hybrid:4")]
    [TestCase("local:0", "as local:8")]
    [TestCase("local", "must be sync, async")]
    [TestCase("fedprox:8", "must be sync")]
    [TestCase("fedprox:8:-1", "as fedprox:8:0.01")]
    [TestCase("fedprox:8:inf", "as fedprox:8:0.01")]
    public void Another_text_gets_a_sentence(string text, string part)
        => Assert.That(() => ParallelText.Parse(text), Throws.TypeOf<TrainingException>().With.Message.StartsWith($"--parallel is {text}: it must be").And.Message.Contains(part));

    [Test]
    public void Options_that_do_not_go_with_it_are_named()
    {
        void Refuses(TrainingOptions options, params string[] parts)
        {
            var error = Assert.Throws<TrainingException>(options.Validate)!;
            foreach (var part in parts)
            {
                Assert.That(error.Message, Does.Contain(part));
            }
        }

        Refuses(Options("async", o => o.ShardOptimizer = StepSharding.Always), "--shard-optimizer always", "--parallel async");
        Refuses(Options("local:8", o => o.Overlap = Overlap.On), "--overlap on", "--parallel local:8");
        Refuses(Options("ssp:3", o => o.Buffers = BufferPolicy.EachStep), "--buffers eachstep");
        Refuses(Options("hybrid", o => o.Algorithm = "ring"), "--algorithm ring");
        Refuses(Options("async", o => o.Compress = "powersgd:2"), "--compress is powersgd:2", "top-k");
        Refuses(Options("local:8", o => o.Compress = "int8"), "--compress int8");
        Refuses(Options("local:8", o => o.Precision = ComputePrecision.F16), "--loss-scale dynamic");
        Refuses(Options("ssp:1", o => o.Optimizer = OptimizerKind.Lars), "--optimizer lars");
        Assert.That(Options("async", o => o.Compress = "top-k:0.1").Validate, Throws.Nothing);
        Assert.That(Options("local:8", o => o.Algorithm = "ring").Validate, Throws.Nothing);
    }

    private static TrainingOptions Options(string parallel, Action<TrainingOptions> set)
    {
        var options = new TrainingOptions
        {
            Epochs = 1,
            Batch = 1,
            Accumulate = 1,
            LearningRate = 0.1,
            ReferenceBatch = 1,
            BucketMebibytes = 1,
            Keep = 1,
            LogEvery = 1,
            CacheMebibytes = 1,
            Trust = 1,
            Parallel = parallel,
        };
        set(options);
        return options;
    }
}
