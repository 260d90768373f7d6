using System.Collections.Immutable;
using System.Runtime.InteropServices;
using HpcTrain.Topology;

namespace HpcTrain.Collectives.Plans;

/// <summary>Gives messages between two ranks their channels in turn, where there are more trees than channels.</summary>
internal sealed class PairChannels
{
    private readonly Dictionary<(int From, int To, bool IsUp), List<Way>> _pairs = [];
    private readonly int _most;

    /// <summary>Finds the ways that lead from each rank to another.</summary>
    /// <param name="messages">All messages in order.</param>
    /// <param name="most">The channels that there are.</param>
    /// <exception cref="ScheduleException">There are more ways than channels.</exception>
    public PairChannels(IReadOnlyList<PlanMessage> messages, int most)
    {
        _most = most;
        foreach (PlanMessage message in messages)
        {
            ref List<Way>? ways = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, Key(message), out _);
            ways ??= [];
            if (!ways.Exists(way => way.Goes(message.Edge)))
                ways.Add(new(message.Edge.Path));
            if (ways.Count > most)
            {
                throw new ScheduleException(
                    $"The plan goes from rank {message.Edge.From} to rank {message.Edge.To} by more than {most} ways, but there are no more channels; plan with fewer trees.");
            }
        }
    }

    /// <summary>The channel of the next message of its kind.</summary>
    public int Next(PlanMessage message)
    {
        List<Way> ways = _pairs[Key(message)];
        int number = ways.FindIndex(way => way.Goes(message.Edge));
        return number + (ways.Count * (ways[number].Taken++ % (_most / ways.Count)));
    }

    private static (int From, int To, bool IsUp) Key(PlanMessage message) => (message.Edge.From, message.Edge.To, message.IsUp);

    private sealed class Way(ImmutableArray<int> path)
    {
        public int Taken { get; set; }

        public bool Goes(TreeEdge edge) => path.AsSpan().SequenceEqual(edge.Path.AsSpan());
    }
}
