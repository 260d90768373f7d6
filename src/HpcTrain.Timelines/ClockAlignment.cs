using System.Diagnostics;
using System.Globalization;
using HpcTrain.Collectives;
using HpcTrain.Mpi;

namespace HpcTrain.Timelines;

/// <summary>Measures how the ranks' clocks differ from rank 0's.</summary>
public static class ClockAlignment
{
    // Idea. As NTP does it (Mills, RFC 5905): a rank asks rank 0 for its time and takes the middle between asking and hearing as the moment of the answer. The error is
    // at most half of the round trip, so of several rounds the quickest counts. Rank 0 answers one rank after the other; who asks early waits, and that round is
    // not its quickest. Clocks of nodes drift apart by microseconds per second: one reading at the start and one at the end, and a line between them.
    private const int Rounds = 16;
    private const int Tag = 0x7131;

    /// <summary>How long a rank waits for another unless it is told otherwise: as long as a collective does.</summary>
    private static readonly TimeSpan s_usualBound = new CommunicatorOptions().StallTimeout;

    /// <summary>Writes a reading into each rank's timeline. A collective call.</summary>
    /// <param name="timeline">This rank's.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="bound">How long a rank waits for another; null: for as long as a collective does.</param>
    /// <exception cref="MpiException">A message failed.</exception>
    /// <exception cref="ScheduleException">A rank did not come in time; the sentence says which waited for which.</exception>
    public static void Run(RankTimeline timeline, Intracommunicator ranks, TimeSpan? bound = null)
    {
        TimeSpan patience = bound ?? s_usualBound;
        if (ranks.Rank == 0)
        {
            for (int peer = 1; peer < ranks.Size; peer++)
            {
                for (int round = 0; round < Rounds; round++)
                {
                    Hear(ranks, peer, patience);
                    ranks.Send(timeline.Now, peer, Tag);
                }
            }

            timeline.Align(new(timeline.Now, 0, 0));
            return;
        }

        var samples = new ClockSample[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            double asked = timeline.Now;
            ranks.Send(asked, 0, Tag);
            samples[round] = new(asked, Hear(ranks, 0, patience), timeline.Now);
        }

        timeline.Align(Best(samples));
    }

    private static double Hear(Intracommunicator ranks, int peer, TimeSpan bound)
    {
        long since = Stopwatch.GetTimestamp();
        while (!ranks.ImmediateProbe(peer, Tag, out _))
        {
            if (Stopwatch.GetElapsedTime(since) > bound)
            {
                throw new ScheduleException(string.Create(CultureInfo.InvariantCulture,
                    $"Rank {ranks.Rank} waited {bound.TotalSeconds:0.###} s for rank {peer}, to compare the clocks of their timelines: it has ended, hangs, or does something else; see what it said."))
                { IsStall = true };
            }

            Thread.Yield();
        }

        return ranks.Receive<double>(peer, Tag);
    }

    /// <summary>The reading of the quickest round.</summary>
    public static ClockReading Best(IEnumerable<ClockSample> samples) => samples.Select(sample => sample.Reading).MinBy(reading => reading.RoundTrip);
}
