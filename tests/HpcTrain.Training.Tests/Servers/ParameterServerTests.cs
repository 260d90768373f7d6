using HpcTrain.Collectives;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Servers;

namespace HpcTrain.Training.Tests.Servers;

/// <summary>Parameter servers on ranks that are threads: what a push does, and who waits for whom.</summary>
public sealed class ParameterServerTests
{
    private const int Length = 96;
    private static readonly StaleForm _async = new(Staleness: null);
    private static readonly StaleForm _together = new(Staleness: 0);

    [Test]
    public void Synchronous_servers_step_as_one_optimizer_does_with_the_same_bits_in_each_run([Values(1, 2, 3, 4)] int ranks, [Values] bool isAdam)
    {
        const int Steps = 5;
        FlatOptimizer Make() => isAdam ? new Adam() : new Sgd(momentum: 0.9, weightDecay: 1e-2);
        var expected = new float[Length];
        var one = Make();
        one.Prepare(Length);
        for (var step = 0; step < Steps; step++)
        {
            var sum = new float[Length];
            for (var rank = 0; rank < ranks; rank++)
            {
                var gradients = Gradients(rank, step);
                for (var i = 0; i < Length; i++)
                {
                    sum[i] += gradients[i];
                }
            }

            one.Step(expected, sum, 0.1);
        }

        ServerRanks.Run(ranks, _together, (rank, server) =>
        {
            server.Serve(Length, Make());
            var values = new float[Length];
            for (var step = 0; step < Steps; step++)
            {
                server.Exchange(Gradients(rank, step), values, 0.1, 1.0 / ranks);
            }

            server.Settle();
            Assert.That(values, Is.EqualTo(expected), "added in the order of ranks, bit by bit");
            Assert.That(server.LargestLead, Is.Zero);
        });
    }

    [Test]
    public void No_rank_is_more_steps_ahead_of_the_slowest_than_allowed([Values(0, 1, 3)] int bound)
    {
        const int Ranks = 3, Steps = 12;
        var taken = new int[Ranks];
        var worst = 0;
        ServerRanks.Run(Ranks, new StaleForm(bound), (rank, server) =>
        {
            server.Serve(Length, new Sgd());
            server.Resume();
            var values = new float[Length];
            for (var step = 0; step < Steps; step++)
            {
                if (rank == 2)
                {
                    // The slow rank lets the others come as far as they may: as long as they have not, and can, it does not push.
                    var far = Math.Min(Steps, step + bound);
                    Assert.That(SpinWait.SpinUntil(() => Volatile.Read(ref taken[0]) >= far && Volatile.Read(ref taken[1]) >= far, ServerRanks.Stall), Is.True, $"the others have to come to step {far}");
                }

                server.Exchange(Gradients(rank, step), values, 0.01, 1.0 / Ranks);
                Volatile.Write(ref taken[rank], step + 1);
                var ahead = step + 1 - Volatile.Read(ref taken[2]);
                if (rank != 2)
                {
                    // What it has pushed is counted a little later than the others are let on.
                    InterlockedMax(ref worst, ahead - 1);
                }
            }

            server.Settle();
            Assert.That(server.LargestLead, Is.EqualTo(bound), "as the servers count");
        });
        Assert.That(worst, Is.LessThanOrEqualTo(bound));
    }

    [Test]
    public void Asynchronous_ranks_wait_for_nobody()
    {
        const int Steps = 20;
        var fast = new ManualResetEventSlim();
        ServerRanks.Run(2, _async, (rank, server) =>
        {
            server.Serve(Length, new Sgd());
            server.Resume(); // a rank that computes still serves
            var values = new float[Length];
            if (rank == 1)
            {
                Assert.That(fast.Wait(ServerRanks.Stall), Is.True, "rank 0 has to be done before rank 1 begins");
            }

            for (var step = 0; step < Steps; step++)
            {
                server.Exchange(Gradients(rank, step), values, 0.01, 0.5);
            }

            fast.Set();
            server.Settle();
            Assert.That(server.LargestLead, Is.EqualTo(Steps));
        });
    }

    [Test]
    public void A_push_moves_by_the_mean_of_its_own_samples_and_by_its_share_of_the_rate()
    {
        ServerRanks.Run(2, _async, (rank, server) =>
        {
            server.Serve(Length, new Sgd(weightDecay: 0));
            var values = new float[Length];
            var share = rank == 0 ? 0.75 : 0.25;
            var gradients = new float[Length];
            gradients.AsSpan().Fill((float)share * (rank + 1)); // means of 1 and 2
            server.Exchange(gradients, values, 0.1, share);
            server.Exchange(new float[Length], values, 0.1, 0); // without samples it only counts
            server.Settle();
            Assert.That(server.ShardValues.ToArray(), Is.All.EqualTo(-0.1 * ((0.75 * 1) + (0.25 * 2))).Within(1e-6));
        });
    }

    [TestCase("async", "none")]
    [TestCase("async", "int8")]
    [TestCase("ssp:2", "f16")]
    [TestCase("ssp:2", "top-k:0.25")]
    [TestCase("ssp:0", "bf16")]
    [TestCase("hybrid", "none")]
    [TestCase("hybrid", "top-k:20")]
    public void Every_form_and_codec_finds_the_minimum_of_a_convex_problem(string form, string codec)
    {
        const int Ranks = 4, Steps = 120;
        ServerForm Form() => form switch
        {
            "async" => _async,
            "hybrid" => new HybridForm(NodeMap.Blocks(Ranks, 2)),
            _ => new StaleForm(form[^1] - '0'),
        };
        var target = Gradients(99, 99);
        ServerRanks.Run(Ranks, Form(), (rank, server) =>
        {
            server.Serve(Length, new Sgd());
            var (values, gradients, noise) = (new float[Length], new float[Length], new Random(rank));
            for (var step = 0; step < Steps; step++)
            {
                // Of the mean of |w - target|^2 / 2, with noise as samples make it; the same for all ranks, since one of them may be alone at the end.
                for (var i = 0; i < Length; i++)
                {
                    gradients[i] = (values[i] - target[i] + (0.3f * (noise.NextSingle() - 0.5f))) / Ranks;
                }

                server.Exchange(gradients, values, step < Steps * 2 / 3 ? 0.1 : 0.02, 1.0 / Ranks);
            }

            server.Settle();
            var mine = target.AsSpan(server.Shard * Length / server.Servers, Length / server.Servers).ToArray();
            Assert.That(server.ShardValues.ToArray(), Is.EqualTo(mine).Within(0.03));
        }, rank => PushCodec.Parse(codec, seed: 5, rank));
    }

    [Test]
    public void Super_nodes_have_the_same_bits_and_those_of_one_rank_are_synchronous()
    {
        const int Ranks = 4, Steps = 6;
        foreach (var size in new[] { 1, 2, 4 })
        {
            var shards = new float[Ranks][];
            var expected = new float[Length];
            ServerRanks.Run(Ranks, new HybridForm(NodeMap.Blocks(Ranks, size)), (rank, server) =>
            {
                server.Serve(Length, new Sgd(momentum: 0.9));
                var values = new float[Length];
                for (var step = 0; step < Steps; step++)
                {
                    server.Exchange(Gradients(rank, step), values, 0.1, 1.0 / Ranks);
                }

                server.Settle();
                shards[rank] = server.ShardValues.ToArray();
            });
            for (var rank = 0; rank < Ranks; rank++)
            {
                Assert.That(shards[rank], Is.EqualTo(shards[rank % size]), $"super nodes of {size}: rank {rank}");
            }

            if (size == 1)
            {
                var optimizer = new Sgd(momentum: 0.9);
                optimizer.Prepare(Length);
                for (var step = 0; step < Steps; step++)
                {
                    optimizer.Step(expected, [.. Enumerable.Range(0, Length).Select(i => Enumerable.Range(0, Ranks).Sum(rank => Gradients(rank, step)[i]))], 0.1);
                }

                Assert.That(shards[0], Is.EqualTo(expected).Within(1e-5));
            }
        }
    }

    [Test]
    public void A_rank_of_a_super_node_goes_on_while_its_neighbour_computes_and_another_super_node_is_waited_for()
    {
        const int Ranks = 4;
        var (alone, waited, shards) = (new ManualResetEventSlim(), 0, new float[Ranks][]);
        static double Rate(int step) => 0.1 * (step + 1); // pushes of a round may have different ones
        ServerRanks.Run(Ranks, new HybridForm(NodeMap.Blocks(Ranks, 2)), (rank, server) =>
        {
            server.Serve(Length, new Sgd());
            server.Resume();
            var values = new float[Length];
            switch (rank)
            {
                case 0:
                    server.Exchange(Gradients(0, 0), values, Rate(0), 0.25); // begins a round: nobody is waited for
                    alone.Set();
                    server.Exchange(Gradients(0, 1), values, Rate(1), 0.25); // ends it: the other super node is
                    Assert.That(Volatile.Read(ref waited), Is.EqualTo(1));
                    break;
                case 1:
                    Assert.That(alone.Wait(ServerRanks.Stall), Is.True, "rank 0 must not wait for its neighbour");
                    break;
                default:
                    Assert.That(alone.Wait(ServerRanks.Stall), Is.True);
                    Volatile.Write(ref waited, 1);
                    server.Exchange(Gradients(rank, 0), values, Rate(0), 0.25);
                    break;
            }

            for (var step = rank is 0 ? 2 : rank is 1 ? 0 : 1; step < 2; step++)
            {
                server.Exchange(Gradients(rank, step), values, Rate(step), 0.25);
            }

            server.Settle();
            shards[rank] = server.ShardValues.ToArray();
        });
        Assert.That(shards[0], Is.EqualTo(shards[2]), "both super nodes have the same bits");
        Assert.That(shards[1], Is.EqualTo(shards[3]));
    }

    [Test]
    public void A_rank_that_does_not_come_is_named_by_those_that_wait()
    {
        var done = new CountdownEvent(1);
        ServerRanks.Run(2, new StaleForm(1), (rank, server) =>
        {
            server.Serve(Length, new Sgd());
            server.Resume();
            if (rank == 1)
            {
                done.Wait(ServerRanks.Stall);
                return;
            }

            var values = new float[Length];
            server.Exchange(Gradients(0, 0), values, 0.1, 0.5);
            Assert.That(
                () => server.Exchange(Gradients(0, 1), values, 0.1, 0.5),
                Throws.TypeOf<ServerException>().With.Message.Contains("rank 0 has pushed step 2 and waits for rank").And.Message.Contains("ssp:1; the slowest that it knows of is rank 1, which has pushed step 0")
                    .And.Message.Contains("HPCTRAIN_STALL_TIMEOUT").And.Property("ExitCode").EqualTo(73));
            Assert.That(server.Settle, Throws.TypeOf<ServerException>().With.Message.Contains("rank 0 is after step 2 and waits for rank 1 to come as far"));
            done.Signal();
        }, stall: TimeSpan.FromSeconds(1));
    }

    private static float[] Gradients(int rank, int step)
    {
        var random = new Random((rank * 1000) + step);
        return [.. Enumerable.Range(0, Length).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    private static void InterlockedMax(ref int place, int value)
    {
        for (var seen = Volatile.Read(ref place); seen < value;)
        {
            var before = Interlocked.CompareExchange(ref place, value, seen);
            seen = before == seen ? value : before;
        }
    }
}
