using HpcTrain.Data;

namespace HpcTrain.Cli.Data;

/// <summary>What an importer's options add to the common ones.</summary>
internal interface IImportOptions
{
    /// <summary>One sentence for the help.</summary>
    static abstract string Summary { get; }

    /// <summary>A command line that works.</summary>
    static abstract string Example { get; }

    /// <summary>Opens the input files.</summary>
    SampleReader Open();
}
