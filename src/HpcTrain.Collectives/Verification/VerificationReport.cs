namespace HpcTrain.Collectives;

/// <summary>
/// What the verifier found out about a correct schedule. Shares are exact fractions of the buffer: a numerator here over
/// <see cref="TotalWeight"/>.
/// </summary>
/// <param name="Instructions">The number of instructions of all ranks together.</param>
/// <param name="Steps">The number of messages in a row that nothing can shorten: the factor of alpha.</param>
/// <param name="TotalWeight">The sum of the chunks' weights: the whole buffer.</param>
/// <param name="SentWeight">What the busiest sender sends in total.</param>
/// <param name="ReducedWeight">What the busiest reducer reduces in total.</param>
/// <param name="PathWeight">
/// The weight of the messages in a row that takes longest when every rank sends and receives at link speed at the same time:
/// the factor of beta, as a share of the buffer.
/// </param>
public readonly record struct VerificationReport(
    long Instructions, int Steps, long TotalWeight, long SentWeight, long ReducedWeight, long PathWeight)
{
    /// <summary><see cref="SentWeight"/> as a share of the buffer.</summary>
    public double SentShare => (double)SentWeight / TotalWeight;

    /// <summary><see cref="ReducedWeight"/> as a share of the buffer.</summary>
    public double ReducedShare => (double)ReducedWeight / TotalWeight;

    /// <summary><see cref="PathWeight"/> as a share of the buffer.</summary>
    public double PathShare => (double)PathWeight / TotalWeight;
}
