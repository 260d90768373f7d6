using System.Globalization;

namespace HpcTrain.Collectives;

/// <summary>What a <see cref="CollectiveCommunicator"/> is set up with. The same on all ranks, except for the time-out.</summary>
public sealed record CommunicatorOptions
{
    /// <summary>The environment variable that sets <see cref="StallTimeout"/>, in seconds.</summary>
    public const string StallTimeoutVariable = "HPCTRAIN_STALL_TIMEOUT";

    /// <summary>
    /// How long a collective may stand still before it ends with a <see cref="ScheduleException"/> that says who waits for whom. By default
    /// the value of <see cref="StallTimeoutVariable"/>, or else five minutes. Time in which this rank does not call the communicator
    /// does not count.
    /// </summary>
    public TimeSpan StallTimeout { get; init; } = StallTimeoutFromEnvironment();

    /// <summary>The messages that each channel keeps under way in each direction; at least 1.</summary>
    /// <remarks>0, the default, chooses: 4, or 16 short ones where ranks are on several nodes.</remarks>
    public int SegmentsInFlight { get; init; }

    /// <summary>Whether ranks of a node exchange data through memory that they share, not only by messages.</summary>
    public bool SharesMemory { get; init; } = true;

    /// <summary>
    /// The rules by which <c>auto</c> chooses an algorithm; null for none. By default those of the file that <see cref="TuningRules.Variable"/> names,
    /// if it is set. A call that names an algorithm does not ask them; a rule that matches and cannot be followed is an error of the call.
    /// </summary>
    public TuningRules? Rules { get; init; } = TuningRules.FromEnvironment();

    /// <summary>The costs by which <c>auto</c> chooses an algorithm where no rule matches and no memory is shared.</summary>
    public CostModel CostModel { get; init; } = CostModel.Default;

    /// <summary>Whether the costs are measured when the communicator is made, in some milliseconds, instead of taken from <see cref="CostModel"/>.</summary>
    public bool ProbeCosts { get; init; }

    private static TimeSpan StallTimeoutFromEnvironment()
    {
        string? text = Environment.GetEnvironmentVariable(StallTimeoutVariable);
        if (string.IsNullOrWhiteSpace(text))
            return TimeSpan.FromMinutes(5);
        const double LongestSeconds = 1e9;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and <= LongestSeconds)
            return TimeSpan.FromSeconds(seconds);
        throw new ScheduleException($"{StallTimeoutVariable} is '{text}'; it needs a number of seconds above 0, for example 300.");
    }
}
