using System.Globalization;

namespace HpcTrain.Collectives;

/// <summary>What a <see cref="CollectiveCommunicator"/> is set up with. The same on all ranks, except for the time-out.</summary>
public sealed record CommunicatorOptions
{
    /// <summary>The environment variable that sets <see cref="StallTimeout"/>, in seconds.</summary>
    public const string StallTimeoutVariable = "HPCTRAIN_STALL_TIMEOUT";

    /// <summary>The environment variable that sets <see cref="Checked"/>: 1 or 0.</summary>
    public const string CheckedVariable = "HPCTRAIN_CHECKED";

    // A file that the environment names is read only where nobody gives rules.
    private readonly Lazy<TuningRules?> _rules = new(TuningRules.FromEnvironment);

    /// <summary>
    /// How long a collective may stand still before it ends with a <see cref="ScheduleException"/> that says who waits for whom. By default
    /// the value of <see cref="StallTimeoutVariable"/>, or else a minute. Time in which this rank does not call the communicator
    /// does not count.
    /// </summary>
    public TimeSpan StallTimeout { get; init; } = StallTimeoutFromEnvironment();

    /// <summary>The messages that each channel keeps under way in each direction; at least 1.</summary>
    /// <remarks>0, the default, chooses: 4; where ranks are on several nodes 6 short ones to a single peer, 4 to each of several.</remarks>
    public int SegmentsInFlight { get; init; }

    /// <summary>
    /// Whether the ranks tell each other before each collective what they call, so that a difference ends with one sentence on all ranks. A message to every
    /// rank per call: for finding mistakes. By default what <see cref="CheckedVariable"/> says, or else not.
    /// </summary>
    public bool Checked { get; init; } = CheckedFromEnvironment();

    /// <summary>The calls that <see cref="CollectiveCommunicator.Recorder"/> keeps; at least 1; rounded up to a power of two. 64 bytes each.</summary>
    public int RecordedCalls { get; init; } = 256;

    /// <summary>Whether ranks of a node exchange data and records through memory that they share, not only by messages.</summary>
    public bool SharesMemory { get; init; } = true;

    /// <summary>
    /// The rules by which <c>auto</c> chooses an algorithm; null for none. By default those of the file that <see cref="TuningRules.Variable"/> names,
    /// if it is set. A call that names an algorithm does not ask them; a rule that matches and cannot be followed is an error of the call.
    /// </summary>
    public TuningRules? Rules
    {
        get => _rules.Value;
        init => _rules = new(() => value);
    }

    /// <summary>The costs by which <c>auto</c> chooses an algorithm where no rule matches and no memory is shared.</summary>
    public CostModel CostModel { get; init; } = CostModel.Default;

    /// <summary>
    /// Whether the costs are measured when the communicator is made, in some milliseconds, instead of taken from <see cref="CostModel"/>. By default where
    /// they decide: ranks are on several nodes, there are no rules, and no other model is given. What is measured may change from run to run, and
    /// the choice of an algorithm with it; who needs the same bits in every run says false, or gives rules.
    /// </summary>
    public bool? ProbeCosts { get; init; }

    private static bool CheckedFromEnvironment() => Environment.GetEnvironmentVariable(CheckedVariable) switch
    {
        null or "" or "0" => false,
        "1" => true,
        var text => throw new ScheduleException($"{CheckedVariable} is '{text}'; it needs to be 1 or 0."),
    };

    private static TimeSpan StallTimeoutFromEnvironment()
    {
        string? text = Environment.GetEnvironmentVariable(StallTimeoutVariable);
        if (string.IsNullOrWhiteSpace(text))
            return TimeSpan.FromMinutes(1);
        const double LongestSeconds = 1e9;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and <= LongestSeconds)
            return TimeSpan.FromSeconds(seconds);
        throw new ScheduleException($"{StallTimeoutVariable} is '{text}'; it needs a number of seconds above 0, for example 60.");
    }
}
