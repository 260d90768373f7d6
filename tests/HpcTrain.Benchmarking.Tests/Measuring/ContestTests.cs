using HpcTrain.Benchmarking.Measuring;
using HpcTrain.Mpi;
using HpcTrain.Testing;

namespace HpcTrain.Benchmarking.Tests.Measuring;

/// <summary>What ranks do when they measure: who is called how often, and that all ranks end with the same figures.</summary>
public sealed class ContestTests
{
    [RankTest(1, 3)]
    public void Contenders_take_turns_and_all_ranks_agree(Intracommunicator world)
    {
        var calls = new List<char>();
        Contender[] contenders = [new Counting('a', calls, world), new Counting('b', calls, world)];
        using var watchdog = new Watchdog(TimeSpan.FromMinutes(1), "rank", _ => { });
        var contest = new Contest(new BatchClock(world, watchdog), new Sampling(Iterations: 6, Warmup: 0, TimeSpan.FromSeconds(1)));
        Measurement[] measured = contest.Run(contenders);

        foreach (Measurement each in measured)
        {
            Assert.That(each.Seconds, Is.Positive);
            Assert.That(each.P99!.Value, Is.GreaterThanOrEqualTo(each.P50!.Value));
            Assert.That(each.Iterations % 6, Is.Zero);
            Assert.That(world.AllGather(each.Seconds), Is.All.EqualTo(each.Seconds));
        }

        // Every round changes hands once, and begins with another contender than the one before: abbaabba...
        // Calibration before and single calls after add three changes at most.
        int changes = Enumerable.Range(1, calls.Count - 1).Count(i => calls[i] != calls[i - 1]);
        Assert.That(changes, Is.InRange(6, 9));
    }

    [RankTest(2)]
    public void Without_a_number_of_batches_the_time_of_a_row_is_the_bound(Intracommunicator world)
    {
        using var watchdog = new Watchdog(TimeSpan.FromMinutes(1), "rank", _ => { });
        var contest = new Contest(new BatchClock(world, watchdog), new Sampling(Iterations: null, Warmup: 0, TimeSpan.Zero));
        Measurement measured = contest.Run([new Counting('a', [], world)]).Single();

        Assert.That(measured.Iterations, Is.Positive);
        Assert.That(world.AllGather(measured.Iterations), Is.All.EqualTo(measured.Iterations));
    }

    private sealed class Counting(char name, List<char> calls, Intracommunicator world) : Contender
    {
        public override string Label => name.ToString();

        public override void Run()
        {
            calls.Add(name);
            world.Barrier();
        }

        public override void Start() => throw new NotSupportedException();

        public override bool Test() => throw new NotSupportedException();

        public override void Wait() => throw new NotSupportedException();
    }
}
