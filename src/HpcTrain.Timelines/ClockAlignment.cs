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

    /// <summary>Writes a reading into each rank's timeline. A collective call.</summary>
    /// <exception cref="MpiException">A message failed.</exception>
    public static void Run(RankTimeline timeline, Intracommunicator ranks)
    {
        if (ranks.Rank == 0)
        {
            for (int peer = 1; peer < ranks.Size; peer++)
            {
                for (int round = 0; round < Rounds; round++)
                {
                    _ = ranks.Receive<double>(peer, Tag);
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
            samples[round] = new(asked, ranks.Receive<double>(0, Tag), timeline.Now);
        }

        timeline.Align(Best(samples));
    }

    /// <summary>The reading of the quickest round.</summary>
    public static ClockReading Best(IEnumerable<ClockSample> samples) => samples.Select(sample => sample.Reading).MinBy(reading => reading.RoundTrip);
}
