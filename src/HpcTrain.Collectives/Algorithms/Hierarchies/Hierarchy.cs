using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace HpcTrain.Collectives.Algorithms;

/// <summary>Algorithms composed of others, level by level: inside nodes, and across them.</summary>
internal static class Hierarchy
{
    // Idea. See HierarchyPlan for how the levels work together, and ScheduleComposer for how their schedules become one.
    // Cost. For an allreduce over N nodes of s ranks: that of the inner reduce-scatter and allgather of n bytes, and of the outer allreduce of n/s
    // bytes, so that 2 (N-1)/N n/s bytes leave each rank for other nodes where a flat algorithm sends 2 (p-1)/p n. The closed form adds up those of
    // the parts, and counts a message as several when the chunks of a block are no neighbours. It leaves out that runs of several blocks may be torn
    // apart too, and that blocks of unequal groups differ.
    // Wins where links inside a node are much better than those between nodes, and where the number of steps grows with the number of ranks.
    // Source: Karonis et al., "Exploiting hierarchy in parallel computer networks to optimize collective operation performance", IPDPS 2000; rings
    // in the two directions of a grid: Mikami et al., "Massively distributed SGD: ImageNet/ResNet-50 training in a flash", 2018.

    /// <summary>The algorithm of that name for a collective. Whether its levels exist is not checked.</summary>
    /// <exception cref="ScheduleException">The name is not written as a hierarchy.</exception>
    public static Algorithm Algorithm(CollectiveKind collective, string name) => Algorithm(collective, name, HierarchyLevel.Parse(name));

    /// <summary>The same for a name that comes from a user.</summary>
    /// <exception cref="ScheduleException">The name is not written as a hierarchy, or one of its levels cannot stand there.</exception>
    public static Algorithm Checked(CollectiveKind collective, string name)
    {
        ImmutableArray<HierarchyLevel> levels = HierarchyLevel.Parse(name);
        if (!HierarchyForms.InnerNames(collective, equal: true).Any())
        {
            throw new ScheduleException(
                $"There is no hierarchy for {collective.Name()}; the valid algorithms are {string.Join(", ", AlgorithmCatalog.Names(collective))}.");
        }

        for (int l = 0; l < levels.Length; l++)
        {
            string level = levels[l].Name;
            bool isOuter = l == levels.Length - 1;
            bool isValid = isOuter
                ? AlgorithmCatalog.Known(collective, level) != null
                : HierarchyForms.For(collective, level, equal: true) != HierarchyForm.None;
            IEnumerable<string> valid = isOuter ? HierarchyForms.OuterNames(collective) : HierarchyForms.InnerNames(collective, equal: true);
            if (!isValid)
            {
                throw new ScheduleException(
                    $"'{level}' cannot be a level of '{name}' for {collective.Name()}; the valid ones there are {string.Join(", ", valid)}.");
            }
        }

        return Algorithm(collective, name, levels);
    }

    private static Algorithm Algorithm(CollectiveKind collective, string name, ImmutableArray<HierarchyLevel> levels)
    {
        // A communicator asks with the same few requests again and again.
        var plans = new ConditionalWeakTable<ScheduleSpec, HierarchyPlan>();
        ConditionalWeakTable<ScheduleSpec, HierarchyPlan>.CreateValueCallback makePlan = spec => new(levels, spec, Outer(collective, levels));
        return new(
            collective,
            name,
            spec => Compose(plans.GetValue(spec, makePlan), spec, name),
            (spec, bytes, model) => Seconds(plans.GetValue(spec, makePlan), bytes, model),
            ClosedForm: "")
        {
            Composed = new(() => HierarchyText.ClosedForm(collective, levels)),
            // Every level but the outermost has at most one phase on the way in and one on the way out, and a plain algorithm has two channels at most.
            Channels = 2 * ((2 * levels.Length) - 1),
            IsForNodes = true,
            WinsFor = "several nodes, links inside better than across",
            Unusable = spec => plans.GetValue(spec, makePlan).WhyNot,
        };
    }

    private static Algorithm Outer(CollectiveKind collective, ImmutableArray<HierarchyLevel> levels) =>
        levels.Length == 2 ? AlgorithmCatalog.Known(collective, levels[1].Name)! : Algorithm(collective, Name(levels[1..]), levels[1..]);

    private static string Name(ImmutableArray<HierarchyLevel> levels) => HierarchyLevel.Prefix + string.Join('+', levels);

    private static Schedule Compose(HierarchyPlan plan, ScheduleSpec spec, string name)
    {
        var made = new Dictionary<(Algorithm, ScheduleSpec), Schedule>();
        return ScheduleComposer.Compose(spec, name, plan.Chunks, [.. plan.Phases.Select(parts => parts.Select(Place).ToImmutableArray())]);

        PlacedSchedule Place(HierarchyPart part)
        {
            if (!made.TryGetValue((part.Algorithm, part.Spec), out Schedule? schedule))
                made.Add((part.Algorithm, part.Spec), schedule = part.Algorithm.Create(part.Spec));
            return new(schedule, part.Algorithm.Channels, part.Ranks, part.Blocks);
        }
    }

    private static double Seconds(HierarchyPlan plan, long bytes, CostModel model)
    {
        double seconds = 0;
        foreach (ImmutableArray<HierarchyPart> parts in plan.Phases)
        {
            double longest = 0;
            foreach (HierarchyPart part in parts)
                longest = Math.Max(longest, part.Seconds(bytes, plan.Chunks.Length, model));
            seconds += longest;
        }

        return seconds;
    }
}
