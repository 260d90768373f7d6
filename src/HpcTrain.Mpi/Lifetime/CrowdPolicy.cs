namespace HpcTrain.Mpi;

/// <summary>The values of <see cref="MpiVariables.Yield"/>.</summary>
internal enum CrowdPolicy
{
    /// <summary>Yield when some node has more ranks than cores.</summary>
    Auto,

    /// <summary>Yield always: for machines that ranks share with other work.</summary>
    Always,

    /// <summary>Never yield.</summary>
    Never,
}
