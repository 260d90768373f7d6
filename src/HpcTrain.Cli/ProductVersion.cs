namespace HpcTrain.Cli;

internal static class ProductVersion
{
    /// <summary>The version of this program as three numbers, "1.2.3".</summary>
    public static string Text => typeof(ProductVersion).Assembly.GetName().Version!.ToString(3);
}
