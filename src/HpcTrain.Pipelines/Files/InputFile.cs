namespace HpcTrain.Pipelines.Files;

/// <summary>Files that a user names.</summary>
internal static class InputFile
{
    /// <summary>Reads a file, and has errors about its content name it.</summary>
    /// <param name="what">What it should be, as "pipeline schedule".</param>
    /// <param name="path">The path as the user gave it.</param>
    /// <param name="parse">Makes what the text says.</param>
    /// <exception cref="PipelineException">There is no such file, or its content is wrong.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission.</exception>
    public static T Read<T>(string what, string path, Func<string, T> parse)
    {
        if (!File.Exists(path))
        {
            throw new PipelineException(Directory.Exists(path)
                ? $"{path} is a folder, not a {what} file; name a file in it."
                : $"There is no {what} file {path}; check the path.");
        }

        string text = File.ReadAllText(path);
        try
        {
            return parse(text);
        }
        catch (PipelineException error)
        {
            throw new PipelineException($"{path}: {error.Message}", error);
        }
    }
}
