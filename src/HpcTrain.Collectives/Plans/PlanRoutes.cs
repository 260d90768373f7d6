using System.Collections.Immutable;
using HpcTrain.Collectives.Plans;
using HpcTrain.Topology;

namespace HpcTrain.Collectives;

/// <summary>The ways through the links that the messages of a plan's schedule take, as planned: for those who reckon with single links.</summary>
public sealed class PlanRoutes
{
    private readonly Dictionary<(int From, int To, int Channel), ImmutableArray<int>> _paths = [];

    /// <summary>Takes the ways of a plan.</summary>
    /// <param name="plan">The plan whose schedule <see cref="PlanSchedules.Create"/> makes.</param>
    /// <exception cref="ScheduleException">As for <see cref="PlanSchedules.Create"/>.</exception>
    public PlanRoutes(LinkPlan plan)
    {
        foreach (PlanMessage message in new PlanMessages(plan, PlanSchedules.Trees(plan)).All)
            _paths[(message.Edge.From, message.Edge.To, message.Channel)] = message.Edge.Path;
    }

    /// <summary>All ways, each with its ends and its channel.</summary>
    public IEnumerable<(int From, int To, int Channel, ImmutableArray<int> Path)> All => _paths.Select(pair => (pair.Key.From, pair.Key.To, pair.Key.Channel, pair.Value));

    /// <summary>The way of the messages from a rank to another on a channel.</summary>
    /// <returns>The nodes of the plan's graph on the way, with both ends; empty when the schedule sends no such message.</returns>
    public ImmutableArray<int> PathOf(int from, int to, int channel) => _paths.GetValueOrDefault((from, to, channel), []);
}
