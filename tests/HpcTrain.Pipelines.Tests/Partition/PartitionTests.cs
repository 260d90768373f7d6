using System.Collections.Immutable;

namespace HpcTrain.Pipelines.Tests.Partition;

/// <summary>Partitions against all that there are, on small random profiles.</summary>
internal sealed class PartitionTests
{
    [TestCase(1, 1)]
    [TestCase(2, 1)]
    [TestCase(3, 1)]
    [TestCase(4, 1)]
    [TestCase(2, 2)]
    [TestCase(3, 2)]
    [TestCase(2, 3)]
    [TestCase(1, 3)]
    public void The_slowest_rank_is_as_fast_as_in_any_partition(int stages, int chunksPerRank)
    {
        var random = new Random(7 + stages + (10 * chunksPerRank));
        int limited = 0, refused = 0;
        for (int round = 0; round < 60; round++)
        {
            LayerProfile profile = RandomProfile(random, (stages * chunksPerRank) + random.Next(6));
            PartitionRequest request = new(profile, Schedule(stages, chunksPerRank)) { ParameterCopies = 1 + random.Next(4) };
            (double Seconds, long Bytes, double Chunk)[] all = [.. AllCuts(profile.Layers.Length, stages * chunksPerRank).Select(cuts => Measure(request, cuts))];
            long least = all.Min(one => one.Bytes), most = all.Max(one => one.Bytes);
            foreach (long? limit in new long?[] { null, least, least + ((most - least) / 3), least - 1 })
            {
                request = request with { MemoryLimit = limit };
                if (limit < least)
                {
                    refused++;
                    Assert.That(() => PipelinePartitioner.Plan(request), Throws.TypeOf<PipelineException>().With.Message.EqualTo(
                        $"No partition is within {Text(limit.Value)} per rank; the smallest limit that one meets is {Text(least)}."));
                    continue;
                }

                limited += limit < most ? 1 : 0;
                PipelinePartition plan = PipelinePartitioner.Plan(request);
                double best = all.Where(one => one.Bytes <= (limit ?? long.MaxValue)).Min(one => one.Seconds);
                Assert.That(plan.RankSeconds.Max(), Is.EqualTo(best).Within(1e-8 * best));
                Assert.That(plan.RankBytes.Max(), Is.LessThanOrEqualTo(limit ?? long.MaxValue));
                Assert.That(Measure(request, plan.Cuts).Seconds, Is.EqualTo(plan.RankSeconds.Max()).Within(1e-9), "what the plan says of itself");
                Assert.That(Measure(request, plan.Cuts).Bytes, Is.EqualTo(plan.RankBytes.Max()));
                Assert.That(plan.IsProved);
                double slowestChunk = all.Where(one => one.Bytes <= (limit ?? long.MaxValue) && one.Seconds <= best * (1 + 1e-8)).Min(one => one.Chunk);
                Assert.That(Measure(request, plan.Cuts).Chunk, Is.EqualTo(slowestChunk).Within(1e-8 * best), "of the best the one with the most even chunks");
            }
        }

        Assert.That(refused, Is.EqualTo(60));
        Assert.That(limited, Is.GreaterThan(stages == 1 ? -1 : 30), "limits matter");
    }

    [Test]
    public void A_deep_model_is_cut_in_two_rounds_with_a_bound([Values(4, 8)] int stages)
    {
        LayerProfile profile = RandomProfile(new(3), 6 * stages);
        PipelinePartition plan = PipelinePartitioner.Plan(new(profile, Schedule(stages, 2)));
        double total = profile.Layers.Sum(layer => layer.Seconds);
        Assert.That(plan.RankSeconds.Sum(), Is.EqualTo(total).Within(1e-9));
        Assert.That(plan.LowerBound, Is.InRange(total / stages, plan.RankSeconds.Max()));
        Assert.That(plan.RankSeconds.Max(), Is.LessThan(1.05 * total / stages), "near what an equal share would be");
        Assert.That(plan.Cuts, Is.Ordered.Ascending.And.Unique);
    }

    [Test]
    public void A_thousand_layers_are_cut_for_good()
    {
        LayerProfile profile = RandomProfile(new(5), 1000);
        PipelinePartition plan = PipelinePartitioner.Plan(new(profile, Schedule(8, 1)));
        Assert.That(plan.IsProved);
        Assert.That(plan.RankSeconds.Max(), Is.LessThan((profile.Layers.Sum(layer => layer.Seconds) / 8) + profile.Layers.Max(layer => layer.Seconds)));
    }

    [Test]
    public void Layers_that_take_no_time_are_cut_too() => Assert.That(
        PipelinePartitioner.Plan(new(new([.. Enumerable.Repeat(new LayerCost("x", 0, 0, 0, 0), 5)]), Schedule(2, 2))).Cuts, Has.Length.EqualTo(5).And.Ordered.Ascending.And.Unique);

    [Test]
    public void More_chunks_than_layers_are_refused() => Assert.That(
        () => PipelinePartitioner.Plan(new(RandomProfile(new(1), 7), Schedule(4, 2))),
        Throws.TypeOf<PipelineException>().With.Message.EqualTo("4 stages of 2 chunks each are more than the model has layers, which is 7; take fewer."));

    [Test]
    public void Early_ranks_keep_more_micro_batches_and_get_fewer_activations()
    {
        // Four equal layers' time, all memory in activations: rank 0 of 1F1B keeps twice what rank 1 does.
        var layers = Enumerable.Range(0, 6).Select(layer => new LayerCost($"{layer}", 1, 2, 100, 0)).ToImmutableArray();
        PipelinePartition plan = PipelinePartitioner.Plan(new(new(layers), Schedule(2, 1)) { MemoryLimit = 400 });
        Assert.That(plan.Cuts, Is.EqualTo([0, 2, 6]));
        Assert.That(plan.RankBytes, Is.EqualTo([400, 400]));
    }

    [Test]
    public void A_profile_survives_its_file_and_mistakes_name_their_place()
    {
        LayerProfile profile = RandomProfile(new(9), 5);
        LayerProfile read = LayerProfileJson.FromJson(profile.ToJson());
        Assert.That(read.Layers.Select(layer => (layer.Name, layer.ActivationBytes, layer.ParameterBytes, layer.OutputBytes)),
            Is.EqualTo(profile.Layers.Select(layer => (layer.Name, layer.ActivationBytes, layer.ParameterBytes, layer.OutputBytes))));
        Assert.That(read.Layers.Zip(profile.Layers, (one, other) => Math.Abs(one.Seconds - other.Seconds)), Is.All.LessThan(1e-15));
        string json = profile.ToJson();
        foreach ((string from, string to, string words) in new[]
        {
            ("\"forward_ms\"", "\"forward_s\"", "At layers[0]: 'forward_s' is not known"),
            ("\"activation_bytes\": ", "\"activation_bytes\": -", "At layers[0].activation_bytes: a number of bytes is expected, 0 or more"),
            ("hpctrain-profile", "hpctrain-pipeline", "'hpctrain-pipeline' is not 'hpctrain-profile'"),
            ("\"version\": 1", "\"version\": 9", "version 9 is not known here"),
            ("{\n", "[\n", "The profile is not valid JSON: line"),
        })
            Assert.That(() => LayerProfileJson.FromJson(json.Replace(from, to)), Throws.TypeOf<PipelineException>().With.Message.Contains(words));
    }

    [Test]
    public void A_cut_by_hand_is_measured_and_checked()
    {
        var request = new PartitionRequest(new([.. Enumerable.Range(0, 6).Select(layer => new LayerCost($"{layer}", 1, 2, 100, 10))]), Schedule(3, 1)) { ParameterCopies = 2 };
        PipelinePartition plan = PipelinePartitioner.ByHand(request, [1, 2]);
        Assert.That((plan.RankSeconds, plan.RankBytes, plan.IsProved), Is.EqualTo((new double[] { 3, 3, 12 }, new long[] { 320, 220, 480 }, false)));
        Assert.That(plan.LowerBound, Is.EqualTo(6));
        Refused([1], "With 1 cut there are 2 chunks, and the schedule has 3.");
        Refused([2, 2], "in ascending order from 1 to 5, not 2, 2.");
        Refused([2, 6], "in ascending order from 1 to 5, not 2, 6.");
        request = request with { MemoryLimit = 400 };
        Refused([1, 2], "With these cuts rank 2 needs 480 bytes, and the limit is 400 bytes.");

        void Refused(int[] cuts, string words) => Assert.That(() => PipelinePartitioner.ByHand(request, cuts), Throws.TypeOf<PipelineException>().With.Message.Contains(words));
    }

    [Test]
    public void A_cut_survives_its_file_and_mistakes_name_their_place()
    {
        ModelCut cut = PipelinePartitioner.Plan(new(RandomProfile(new(2), 9), Schedule(2, 2))).Cut, read = ModelCut.FromJson(cut.ToJson());
        Assert.That((read.Cuts, read.Placement, read.Layers), Is.EqualTo((cut.Cuts, cut.Placement, 9)));
        Assert.That(cut.LayersOf(1), Is.EqualTo(cut.Cuts[1]..cut.Cuts[2]));
        foreach ((string from, string to, string words) in new[]
        {
            ("\"first_layer\": 0", "\"first_layer\": 1", "At chunks[0].first_layer: the first chunk begins with layer 0"),
            ("\"layers\": 9", "\"layers\": 2", "is expected"),
            ("\"chunk\": 1", "\"chunk\": 2", "At chunks[1].chunk: chunk 1 is expected"),
            ("\"rank\": 1", "\"rank\": -1", "At chunks[1].rank: ranks are numbered from 0"),
        })
            Assert.That(() => ModelCut.FromJson(cut.ToJson().Replace(from, to)), Throws.TypeOf<PipelineException>().With.Message.Contains(words));
    }

    private static string Text(long bytes) => bytes < 1024 ? $"{bytes} bytes" : $"{bytes} bytes ({HpcTrain.Drawing.Unit.Bytes.Format(bytes)})";

    private static PipelineSchedule Schedule(int stages, int chunksPerRank) =>
        PipelineGenerators.Create(chunksPerRank == 1 ? "1f1b" : "interleaved", new(stages, 2 * stages, chunksPerRank));

    private static LayerProfile RandomProfile(Random random, int layers) => new([.. Enumerable.Range(0, layers).Select(layer => new LayerCost(
        $"layer \"{layer}\"", 0.001 + random.NextDouble(), 0.001 + (2 * random.NextDouble()), random.Next(1, 1000), random.Next(1, 1000)) { OutputBytes = random.Next(100) })]);

    private static IEnumerable<ImmutableArray<int>> AllCuts(int layers, int chunks)
    {
        return From([0]);

        IEnumerable<ImmutableArray<int>> From(ImmutableArray<int> cuts)
        {
            if (cuts.Length == chunks)
                return [cuts.Add(layers)];
            return Enumerable.Range(cuts[^1] + 1, layers - (chunks - cuts.Length) - cuts[^1]).SelectMany(cut => From(cuts.Add(cut)));
        }
    }

    /// <summary>The slowest rank's time and the largest memory, counted action by action.</summary>
    private static (double Seconds, long Bytes, double Chunk) Measure(PartitionRequest request, ImmutableArray<int> cuts)
    {
        PipelineSchedule schedule = request.Schedule;
        LayerCost[][] chunks = [.. Enumerable.Range(0, schedule.Chunks).Select(chunk => request.Profile.Layers.AsSpan()[cuts[chunk]..cuts[chunk + 1]].ToArray())];
        ImmutableArray<long> kept = [.. chunks.Select(layers => layers.Sum(layer => layer.ActivationBytes))];
        double seconds = Enumerable.Range(0, schedule.Stages).Max(rank => schedule.ChunksOf[rank].Sum(chunk => chunks[chunk].Sum(layer => layer.Forward + layer.Backward)));
        long bytes = Enumerable.Range(0, schedule.Stages).Max(rank => ActivationMemory.Peak(schedule, rank, kept).Peak
            + schedule.ChunksOf[rank].Sum(chunk => request.ParameterCopies * chunks[chunk].Sum(layer => layer.ParameterBytes)));
        return (seconds, bytes, chunks.Max(layers => layers.Sum(layer => layer.Forward + layer.Backward)));
    }
}
