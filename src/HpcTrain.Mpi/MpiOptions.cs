namespace HpcTrain.Mpi;

/// <summary>Choices at initialisation that most programs leave alone.</summary>
public sealed record MpiOptions
{
    /// <summary>Path or soname of the MPI library; null means <see cref="MpiVariables.Library"/>, then the search.</summary>
    public string? LibraryPath { get; init; }

    /// <summary>The finalize watchdog's patience; null means <see cref="MpiVariables.FinalizeTimeout"/>. Zero turns it off.</summary>
    public TimeSpan? FinalizeTimeout { get; init; }
}
