using System.Text.Json;
using HpcTrain.Collectives;
using HpcTrain.Mpi;
using HpcTrain.Testing;

namespace HpcTrain.Timelines.Tests;

/// <summary>Clocks of real ranks, under both MPIs.</summary>
public sealed class ClockAlignmentTests
{
    [RankTest(2, 3)]
    public void Each_rank_gets_a_reading(Intracommunicator world)
    {
        var stream = new MemoryStream();
        using (var timeline = new RankTimeline(stream, world.Rank, "node"))
            ClockAlignment.Run(timeline, world);
        JsonElement reading = JsonDocument.Parse(stream.ToArray()).RootElement.GetProperty("traceEvents").EnumerateArray()
            .Single(one => one.GetProperty("name").GetString() == "clock").GetProperty("args");
        Assert.That(reading.GetProperty("round_trip_us").GetDouble(), world.Rank == 0 ? Is.Zero : Is.Positive);
    }

    [RankTest(2, 3)]
    public void A_rank_that_does_not_come_is_named(Intracommunicator world)
    {
        int late = world.Size - 1;
        using var timeline = new RankTimeline(new MemoryStream(), world.Rank, "node");
        if (world.Rank != late)
        {
            Assert.That(() => ClockAlignment.Run(timeline, world, TimeSpan.FromSeconds(0.2)), world.Rank == 0
                ? Throws.TypeOf<ScheduleException>().With.Message.StartsWith($"Rank 0 waited 0.2 s for rank {late}, to compare the clocks").And.Property("IsStall").True
                : Throws.Nothing);
        }

        world.Barrier();
    }
}
