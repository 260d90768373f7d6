namespace HpcTrain.Training.Jobs;

/// <summary>The environment variables that training jobs read; those of MPI are in <c>HpcTrain.Mpi.MpiVariables</c>.</summary>
public static class TrainingVariables
{
    /// <summary>Folder that holds the datasets by job name, where <c>--data</c> is not given; default <c>data</c>.</summary>
    public const string Data = "HPCTRAIN_DATA";

    /// <summary>Folder under which run folders are made, where <c>--runs</c> is not given; default <c>runs</c>.</summary>
    public const string Runs = "HPCTRAIN_RUNS";
}
