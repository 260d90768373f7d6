using HpcTrain.Cli.CommandLine;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Data;

/// <summary><c>hpctrain data</c>: datasets as folders of HDF5 shards.</summary>
internal static class DataCommand
{
    private static readonly CommandTable Verbs = new(
        "hpctrain data",
        "Datasets: folders of HDF5 shards with a manifest.",
        [
            new Command("import", "make a dataset from idx, csv, npy or text files", ImportCommand.Run),
            new Command("inspect", "show fields, shards and the first samples", InspectCommand.Run),
            new Command("verify", "read every shard and compare it with the manifest", VerifyCommand.Run),
        ])
    {
        Examples =
        [
            "hpctrain data import idx --images train-images-idx3-ubyte.gz --labels train-labels-idx1-ubyte.gz --out data/fashion-mnist/train",
            "hpctrain data inspect data/fashion-mnist/train",
            "hpctrain data verify data/fashion-mnist/train",
        ],
        Footer =
            "Where the file system cannot lock files (Lustre, NFS), set HDF5_USE_FILE_LOCKING=FALSE in the environment.\n\n" + ExitCodes.Help,
    };

    public static int Run(string[] args) => Verbs.Run(args);
}
