using HpcTrain.Data;

namespace HpcTrain.Training.Jobs;

/// <summary>What a job's plan may ask while it is made: who this rank is, and where the data is.</summary>
public sealed class JobContext
{
    private readonly string _dataFolder;

    internal JobContext(int rank, int ranks, string dataFolder)
    {
        Rank = rank;
        Ranks = ranks;
        _dataFolder = dataFolder;
    }

    /// <summary>This rank in the world.</summary>
    public int Rank { get; }

    /// <summary>Ranks in the world.</summary>
    public int Ranks { get; }

    /// <summary>Opens a part of the job's dataset, as "train" or "test": that folder under <c>--data</c>.</summary>
    /// <exception cref="DatasetException">There is no such dataset, or it is not whole.</exception>
    public ShardedDataset Dataset(string part) => ShardedDataset.Open(Path.Combine(_dataFolder, part));
}
