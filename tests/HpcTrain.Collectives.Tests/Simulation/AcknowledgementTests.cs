using HpcTrain.Collectives.Simulation;
using HpcTrain.Topology;

namespace HpcTrain.Collectives.Tests.Simulation;

/// <summary>What it costs that receivers acknowledge messages: nothing on links that have room, time on links that are busy.</summary>
internal sealed class AcknowledgementTests
{
    private const double Rate = 12.5e9;
    private const int Segment = 400_000, Segments = 40;

    private static readonly LinkGraph s_pair = BuiltInTopologies.Create("full:n=2");

    [Test]
    public void They_cost_nothing_where_nothing_is_in_their_way([Values("ring", "halving-doubling", "chain")] string algorithm, [Values(2, 4, 8)] int ranks)
    {
        LinkGraph graph = BuiltInTopologies.Create($"full:n={ranks}");
        Schedule schedule = AlgorithmCatalog.Create(algorithm, new(CollectiveKind.AllReduce, ranks));
        var options = new SimulationOptions(ranks * 1_000_000L) { SegmentBytes = 50_000, SegmentsInFlight = 4 };
        double without = LinkSimulator.Run(graph, schedule, options).Seconds, with = LinkSimulator.Run(graph, schedule, options with { AcknowledgementBytes = 0 }).Seconds;
        Assert.That(with, Is.EqualTo(without).Within(0.1).Percent);
    }

    [Test]
    public void A_window_takes_the_time_of_its_round_trip([Values(1, 3)] int window)
    {
        const double Alpha = 1e-4;
        const long Acknowledgement = 1000;
        SimulationResult result = Send(window, (Alpha, Acknowledgement), ("0>1", Segments));

        // A segment takes 32 us of the link, the round trip 200 us more: the window is spent long before its first acknowledgement comes.
        double segment = Segment / Rate, roundTrip = segment + Alpha + (Acknowledgement / Rate) + Alpha;
        int windows = (Segments + window - 1) / window, inTheLast = Segments - ((windows - 1) * window);
        Assert.That(result.Seconds, Is.EqualTo((windows * roundTrip) + ((inTheLast - 1) * segment)).Within(0.1).Percent);
        Assert.That(result.Links.Select(link => (link.Bytes, link.Messages)), Is.EqualTo(new[] { ((long)Segment * Segments, (long)Segments), (Acknowledgement * Segments, Segments) }));
        Assert.That(result.Messages, Is.EqualTo(Segments));
    }

    [Test]
    public void They_wait_behind_messages_and_windows_behind_them([Values(1, 2, 4)] int window)
    {
        // Two flows keep the link back busy with twice the window of the one flow there, which therefore gets half of its own link as long as they last.
        // It has as much to send as both together, and so ends half as long after them as they take.
        (string, int)[] flows = [("0>1", 2 * Segments), ("1>0", Segments), ("1>0", Segments)];
        double all = 2 * Segments * (Segment / Rate);
        Assert.That(Send(window, acknowledged: null, flows).Seconds, Is.EqualTo(all).Within(0.1).Percent);
        Assert.That(Send(window, (0, 0), flows).Seconds, Is.EqualTo(1.5 * all).Within(5).Percent);
    }

    [Test]
    public void They_need_a_way_back()
    {
        var oneWay = new LinkGraph("one way", [new(NodeKind.Rank, "rank0"), new(NodeKind.Rank, "rank1")], [new Link(0, 1, new(25, 2))]);
        Schedule schedule = AlgorithmCatalog.Create("binomial", new(CollectiveKind.Broadcast, 2));
        Assert.That(() => LinkSimulator.Run(oneWay, schedule, new(4096)), Throws.Nothing);
        Assert.That(() => LinkSimulator.Run(oneWay, schedule, new(4096) { AcknowledgementBytes = 0 }),
            Throws.TypeOf<TopologyException>().With.Message.Contains("Rank 1 cannot reach rank 0"));
        Assert.That(() => LinkSimulator.Run(s_pair, schedule, new(4096) { AcknowledgementBytes = -1 }), Throws.TypeOf<ScheduleException>().With.Message.Contains("-1 bytes"));
    }

    /// <summary>Runs flows between two ranks, each a lane on a channel of its own that sends so many segments, one to a step.</summary>
    private static SimulationResult Send(int window, (double Alpha, long Bytes)? acknowledged, params (string Way, int Segments)[] flows)
    {
        RankProgram Program(int rank)
        {
            var program = new ProgramBuilder();
            int chunk = 0, channel = 0;
            foreach ((string way, int segments) in flows)
            {
                LaneBuilder lane = program.Lane(channel++);
                for (int end = chunk + segments; chunk < end; chunk++)
                {
                    if (way[0] - '0' == rank)
                        lane.Send(1 - rank, BufferId.Data, chunk);
                    else
                        lane.RecvReduce(1 - rank, BufferId.Data, chunk);
                }
            }

            return program.Build();
        }

        int chunks = flows.Sum(flow => flow.Segments);
        var schedule = new Schedule(CollectiveKind.AllReduce, "flows", 2, Schedule.EqualChunks(chunks), Program);
        return LinkSimulator.Run(s_pair, schedule, new((long)chunks * Segment)
        {
            SegmentBytes = Segment,
            SegmentsInFlight = window,
            LatencySeconds = acknowledged?.Alpha,
            AcknowledgementBytes = acknowledged?.Bytes,
        });
    }
}
