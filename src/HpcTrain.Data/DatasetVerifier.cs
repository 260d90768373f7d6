namespace HpcTrain.Data;

/// <summary>What a verification found.</summary>
/// <param name="Folder">The dataset's folder, as a full path.</param>
/// <param name="Manifest">Its table of contents.</param>
/// <param name="Problems">One sentence for each shard that is not as it should be; empty for a whole dataset.</param>
public sealed record VerificationResult(string Folder, Manifest Manifest, IReadOnlyList<string> Problems)
{
    /// <summary>Whether every shard is as the manifest says.</summary>
    public bool IsWhole => Problems.Count == 0;
}

/// <summary>Reads a whole dataset and compares it with its manifest.</summary>
public static class DatasetVerifier
{
    /// <summary>Checks size, checksum and schema of every shard; goes on after a bad one.</summary>
    /// <param name="folder">The dataset.</param>
    /// <param name="onShard">Called after every shard with the number checked and the number there are.</param>
    /// <exception cref="DatasetException">There is no dataset, or its manifest is damaged.</exception>
    public static VerificationResult Run(string folder, Action<int, int>? onShard = null)
    {
        using var dataset = ShardedDataset.ForVerification(folder);
        var problems = new List<string>();
        for (var shard = 0; shard < dataset.Manifest.Shards.Count; shard++)
        {
            try
            {
                dataset.Verify(shard);
            }
            catch (DatasetException e)
            {
                problems.Add(e.Message);
            }
            onShard?.Invoke(shard + 1, dataset.Manifest.Shards.Count);
        }
        return new VerificationResult(dataset.Folder, dataset.Manifest, problems);
    }
}
