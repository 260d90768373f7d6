namespace HpcTrain.Collectives.Msccl;

/// <summary>What the two known runtimes will not load, although the file is right.</summary>
internal static class MscclLimits
{
    // Source: msccl.h of Microsoft's msccl, msccl_struct.h and msccl_parser.cc of AMD's RCCL.
    private const int MicrosoftSteps = 256, AmdSteps = 64;
    private const int MicrosoftBlocks = 216, AmdBlocks = 64;
    private const int Channels = 32;

    /// <summary>A sentence for each limit that the algorithm exceeds.</summary>
    public static IEnumerable<string> Exceeded(MscclAlgorithm algorithm)
    {
        int steps = Most(block => block.Steps.Count), channels = Most(block => block.Channel + 1);
        int blocks = algorithm.Gpus.Max(gpu => gpu.Blocks.Count);
        if (steps > AmdSteps)
            yield return $"A thread block has {steps} steps; {Refuses(steps > MicrosoftSteps, MicrosoftSteps, AmdSteps)}.";
        if (blocks > AmdBlocks)
            yield return $"A GPU has {blocks} thread blocks; {Refuses(blocks > MicrosoftBlocks, MicrosoftBlocks, AmdBlocks)}.";
        if (channels > Channels)
            yield return $"There are {channels} channels; the runtimes take {Channels}.";
        if (algorithm.Collective is CollectiveKind.Gather or CollectiveKind.Scatter)
            yield return $"Microsoft's runtime does not know the {algorithm.Collective.Name()}.";
        if (algorithm.Collective == CollectiveKind.ReduceScatter)
            yield return "The collective is called reduce_scatter, as Microsoft's runtime wants it; for AMD's, write coll=\"reducescatter\".";

        int Most(Func<MscclBlock, int> count) => algorithm.Gpus.SelectMany(gpu => gpu.Blocks).Select(count).DefaultIfEmpty().Max();
    }

    private static string Refuses(bool both, int microsoft, int amd) =>
        both ? $"Microsoft's runtime takes {microsoft} and AMD's {amd}" : $"AMD's runtime takes {amd}";
}
