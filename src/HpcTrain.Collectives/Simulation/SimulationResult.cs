using System.Collections.Immutable;

namespace HpcTrain.Collectives.Simulation;

/// <summary>What a link did, for messages and for their acknowledgements where there are any.</summary>
/// <param name="BusySeconds">How long it was sending.</param>
/// <param name="Bytes">What it carried.</param>
/// <param name="Messages">How many messages, or segments of messages, it carried.</param>
public readonly record struct LinkUse(double BusySeconds, long Bytes, long Messages);

/// <summary>What came out of a simulation.</summary>
/// <param name="Seconds">From the common start to the end of the last rank, in simulated time.</param>
/// <param name="Links">What each link did, in the order of <see cref="Topology.LinkGraph.Links"/>.</param>
/// <param name="RankSeconds">When each rank was done.</param>
/// <param name="Messages">How many messages, or segments of messages, were delivered; acknowledgements do not count.</param>
/// <param name="Events">How many events were gone through: a message or an acknowledgement comes to a link or to its end, a processor comes to the end of its work.</param>
/// <param name="PreparationSeconds">The real time that programs and routes took before the first event.</param>
/// <param name="RunSeconds">The real time that the events took.</param>
public sealed record SimulationResult(
    double Seconds, ImmutableArray<LinkUse> Links, ImmutableArray<double> RankSeconds, long Messages, long Events, double PreparationSeconds, double RunSeconds)
{
    /// <summary>Events in a second of real time.</summary>
    public double EventsPerSecond => RunSeconds > 0 ? Events / RunSeconds : 0;

    /// <summary>The part of the whole time that a link was sending, from 0 to 1.</summary>
    public double BusyShare(int link) => Seconds > 0 ? Links[link].BusySeconds / Seconds : 0;

    /// <summary>The link that was sending longest; -1 when none carried anything.</summary>
    public int BusiestLink
    {
        get
        {
            int busiest = -1;
            double most = 0;
            for (int link = 0; link < Links.Length; link++)
            {
                if (Links[link].BusySeconds > most)
                    (busiest, most) = (link, Links[link].BusySeconds);
            }

            return busiest;
        }
    }
}
