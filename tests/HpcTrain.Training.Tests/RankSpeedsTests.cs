using HpcTrain.Mpi;
using HpcTrain.Testing;

namespace HpcTrain.Training.Tests;

public sealed class RankSpeedsTests
{
    [RankTest(3, Flavors = [MpiFlavor.OpenMpi])]
    public void A_slow_rank_is_named_once_and_gets_as_much_less_to_do(Intracommunicator world)
    {
        var speeds = new RankSpeeds(world, "node7");
        var isSlow = world.Rank == 1;
        for (var interval = 1; interval <= 5; interval++)
        {
            var said = speeds.Add(samples: 100, seconds: isSlow ? 4 : 1);
            Assert.That(said, isSlow && interval == 3 ? Is.EqualTo("rank 1 on node7 is slow: 4.0 times the median's time per sample") : Is.Null, $"interval {interval}");
        }

        Assert.That(speeds.Slowest, Is.EqualTo((1, 4.0)));
        var equal = new[] { 1 / 3.0, 1 / 3.0, 1 / 3.0 };
        var shares = speeds.Balance(equal);
        Assert.That(shares, Is.EqualTo(new[] { 4 / 9.0, 1 / 9.0, 4 / 9.0 }).Within(1e-9));

        // With these shares all take the same time, and nothing has to change.
        speeds.Add(100 * shares[world.Rank], (isSlow ? 4 : 1) * shares[world.Rank]);
        Assert.That(speeds.Balance(shares), Is.SameAs(shares));
        Assert.That(speeds.Balance(shares), Is.SameAs(shares), "an epoch in which nothing was measured");
    }
}
