using CommandLine;
using HpcTrain.Data;

namespace HpcTrain.Cli.Data;

internal sealed class IdxImportOptions : ImportOptionsBase, IImportOptions
{
    public static string Summary =>
        "Make a dataset with the fields 'image' and 'label' from a pair of IDX files, plain or gzip.";

    public static string Example =>
        "hpctrain data import idx --images train-images-idx3-ubyte.gz --labels train-labels-idx1-ubyte.gz --out data/fashion-mnist/train";

    [Option("images", Required = true, MetaValue = "FILE", HelpText = "The images.")]
    public string Images { get; set; } = "";

    [Option("labels", Required = true, MetaValue = "FILE", HelpText = "The labels, one per image.")]
    public string Labels { get; set; } = "";

    [Option("shape", MetaValue = "C,H,W", HelpText =
        "The shape of one image in the dataset (default: images of two axes get a channel axis, 28 x 28 becomes 1,28,28).")]
    public string? Shape { get; set; }

    public SampleReader Open() => new IdxReader(Images, Labels, ParseShape("--shape", Shape));
}
