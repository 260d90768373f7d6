namespace HpcTrain.Collectives;

/// <summary>An algorithm for one collective: its names, its generator and its cost.</summary>
/// <param name="Collective">What it achieves.</param>
/// <param name="Name">Its name, for example <c>halving-doubling</c>. Algorithms for several collectives may share a name.</param>
/// <param name="Create">Makes its schedule: a pure function.</param>
/// <param name="Seconds">
/// Its closed form: seconds for a buffer of so many bytes (the whole data buffer: for collectives with blocks, all blocks together), where each rank
/// sends one message at a time and receives one at the same time.
/// </param>
/// <param name="ClosedForm">
/// The closed form as text, for example <c>2(p-1)α + 2(p-1)/p nβ + (p-1)/p nγ</c>; of a hierarchy, the phases of its levels.
/// </param>
public sealed record Algorithm(
    CollectiveKind Collective, string Name, Func<ScheduleSpec, Schedule> Create, Func<ScheduleSpec, long, CostModel, double> Seconds, string ClosedForm)
{
    /// <summary>The closed form as text; of a hierarchy, see <see cref="Composed"/>.</summary>
    public string ClosedForm { get => Composed?.Value ?? field; } = ClosedForm;

    /// <summary>The closed form of a hierarchy: put together when it is first asked for, since that needs the catalog.</summary>
    internal Lazy<string>? Composed { get; init; }

    /// <summary>Other names that are understood.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The channels that its schedules use, counted from 0.</summary>
    public int Channels { get; init; } = 1;

    /// <summary>Whether it is meant for several nodes; where there is only one, it is not chosen unless it is named.</summary>
    public bool IsForNodes { get; init; }

    /// <summary>When it wins, in a few words.</summary>
    public string WinsFor { get; init; } = "";

    /// <summary>Why it cannot be used for a request, or null when it can.</summary>
    public Func<ScheduleSpec, string?> Unusable { get; init; } = static _ => null;
}
