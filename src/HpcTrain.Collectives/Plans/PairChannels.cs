using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace HpcTrain.Collectives.Plans;

/// <summary>Gives messages between two ranks their channels in turn, where there are more trees than channels.</summary>
internal sealed class PairChannels
{
    // Plans for a thousand ranks have millions of messages, nearly all of them the only way between their ranks: a pair has no list before it has a second way.
    private readonly Dictionary<long, Pair> _pairs = [];
    private readonly int _most;
    private readonly int _ranks;

    /// <summary>Finds the ways that lead from each rank to another.</summary>
    /// <param name="messages">All messages in order.</param>
    /// <param name="ranks">The number of ranks.</param>
    /// <param name="most">The channels that there are.</param>
    /// <exception cref="ScheduleException">There are more ways than channels.</exception>
    public PairChannels(ReadOnlySpan<PlanMessage> messages, int ranks, int most)
    {
        (_ranks, _most) = (ranks, most);
        foreach (ref readonly PlanMessage message in messages)
        {
            ref Pair pair = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, Key(in message), out bool isKnown);
            if (!isKnown)
                pair.First = new(message.Edge.Path);
            else if (pair.Find(message.Edge.Path) < 0)
                (pair.Others ??= []).Add(new(message.Edge.Path));
            if (pair.Ways > most)
            {
                throw new ScheduleException(
                    $"The plan goes from rank {message.Edge.From} to rank {message.Edge.To} by more than {most} ways, but there are no more channels; plan with fewer trees.");
            }
        }
    }

    /// <summary>The channel of the next message of its kind.</summary>
    public int Next(in PlanMessage message)
    {
        ref Pair pair = ref CollectionsMarshal.GetValueRefOrNullRef(_pairs, Key(in message));
        int number = pair.Find(message.Edge.Path);
        ref Way way = ref number == 0 ? ref pair.First : ref CollectionsMarshal.AsSpan(pair.Others)[number - 1];
        return number + (pair.Ways * (way.Taken++ % (_most / pair.Ways)));
    }

    private long Key(in PlanMessage message) => (((message.Edge.From * (long)_ranks) + message.Edge.To) * 2) + (message.IsUp ? 1 : 0);

    /// <summary>The ways between two ranks; their numbers begin with 0 for the first.</summary>
    private struct Pair
    {
        public Way First;
        public List<Way>? Others;

        public readonly int Ways => 1 + (Others?.Count ?? 0);

        public readonly int Find(ImmutableArray<int> path) => First.Goes(path) ? 0 : Others == null ? -1 : Others.FindIndex(way => way.Goes(path)) is var other and >= 0 ? other + 1 : -1;
    }

    private struct Way(ImmutableArray<int> path)
    {
        public int Taken;

        public readonly bool Goes(ImmutableArray<int> other) => path.AsSpan().SequenceEqual(other.AsSpan());
    }
}
