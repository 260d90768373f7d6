namespace HpcTrain.Slurm;

/// <summary>What kind of failure a <see cref="SlurmException"/> tells of; it decides the exit code.</summary>
public enum SlurmFault
{
    /// <summary>The specification asks for what cannot be, or what this cluster does not have.</summary>
    Specification,

    /// <summary>Slurm, or another program that is needed, is missing or does not answer.</summary>
    Environment,

    /// <summary>A file of a specification or a submission is missing or not what it should be.</summary>
    BadFile,
}

/// <summary>A job cannot be described, submitted or asked about. The message says what, why and what to do.</summary>
public sealed class SlurmException : Exception
{
    /// <summary>An error with a sentence for the user.</summary>
    /// <param name="fault">Its kind.</param>
    /// <param name="message">The sentence.</param>
    /// <param name="innerException">Its cause, or null.</param>
    public SlurmException(SlurmFault fault, string message, Exception? innerException = null) : base(message, innerException) => Fault = fault;

    /// <summary>Its kind.</summary>
    public SlurmFault Fault { get; }
}
