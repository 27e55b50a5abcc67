using System.Diagnostics;

namespace SmolLM3.Cli.Tests;

/// <summary>How commands end, mistake by mistake: one line, no stack trace.</summary>
public sealed class ExitCodeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("There is no file", "run", "Hi", "-m", "missing.gguf")]
    [InlineData("There is no file", "eval", "--text", "-", "-m", "missing.gguf")]
    [InlineData("There is no file", "bench", "-m", "FOLDER")]
    [InlineData("TEXT", "run", "Hi", "-m", "TEXT")]
    [InlineData("TEXT", "chat", "-m", "TEXT")]
    [InlineData("TEXT", "info", "TEXT")]
    [InlineData("TEXT", "tokenize", "-m", "TEXT")]
    [InlineData("TEXT", "eval", "--text", "TEXT", "-m", "TEXT")]
    [InlineData("TEXT", "bench", "-m", "TEXT", "-p", "2", "-n", "2")]
    [InlineData("CUT", "run", "Hi", "-m", "CUT")]
    [InlineData("CUT", "info", "CUT")]
    [InlineData("CUT", "eval", "--text", "TEXT", "-m", "CUT")]
    [InlineData("'TEXT' is not the JSON", "run", "Hi", "-m", "tiny", "--json-schema", "TEXT")]
    [InlineData("schema", "run", "Hi", "-m", "tiny", "--json-schema", "SCHEMA")]
    [InlineData("'TEXT' is not the JSON", "render", "--messages", "TEXT")]
    [InlineData("FOLDER", "render", "--messages", "FOLDER")]
    [InlineData("FOLDER", "eval", "-m", "tiny", "--text", "TEXT", "--logits", "FOLDER")]
    [InlineData("--nonsense", "list", "--nonsense")]
    [InlineData("nonsense", "nonsense")]
    [InlineData("x", "run", "Hi", "-m", "tiny", "--temperature", "x")]
    public async Task A_mistake_is_one_line_and_exit_code_1(string expected, params string[] arguments)
    {
        byte[] tiny = await File.ReadAllBytesAsync(_folder.TinyModel());
        await File.WriteAllBytesAsync(_folder["CUT"], tiny[..(tiny.Length / 2)]);
        _folder.Write("TEXT", "This is a text and no model.");
        _folder.Write("SCHEMA", """{"type": "strange"}""");
        Directory.CreateDirectory(_folder["FOLDER"]);

        Smollm3.Result result = await Smollm3.RunAsync("Hello!"u8.ToArray(), [.. arguments.Select(Place)]);

        result.AssertMistake(expected);

        string Place(string argument) => argument is "TEXT" or "CUT" or "SCHEMA" or "FOLDER" ? _folder[argument] : argument;
    }

    [Fact]
    public async Task A_server_that_cannot_read_its_model_ends_with_one_line()
    {
        Smollm3.Result result = await Smollm3.RunAsync(
            "serve", _folder.Write("text.gguf", "This is a text and no model."), "--port", "0");

        Assert.Equal(1, result.ExitCode);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("run - -m tiny", "< /")]
    [InlineData("tokenize -m tiny", "< /")]
    [InlineData("eval -m tiny --text -", "< /")]
    public async Task Standard_input_that_cannot_be_read_is_a_mistake(string command, string input)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no such shell.");
        using Process shell = Smollm3.Start("/bin/sh", ["-c", $"dotnet '{Smollm3.Dll}' {command} {input}"], []);
        string error = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();

        Assert.Equal((1, "smollm3: Is a directory\n"), (shell.ExitCode, error));
    }

    [Fact]
    public async Task What_may_not_be_read_is_a_mistake()
    {
        Assert.SkipWhen(Environment.UserName == "root", "Everything may be read here.");
        string model = _folder.TinyModel();
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(model, UnixFileMode.None);
        }
        else
        {
            Assert.Skip("There are other rights there.");
        }

        (await Smollm3.RunAsync("run", "Hi", "-m", model)).AssertMistake("denied");
    }

    [Theory]
    [InlineData(typeof(IOException), ExitCodes.Mistake, "smollm3: told\n")]
    [InlineData(typeof(OperationCanceledException), ExitCodes.Interrupted, "")]
    [InlineData(typeof(InvalidOperationException), ExitCodes.Fault, "please report it: System.InvalidOperationException: told")]
    public async Task Faults_of_the_program_keep_their_trace(Type thrown, int expected, string told)
    {
        TextWriter before = Console.Error;
        using var error = new StringWriter();
        Console.SetError(error);
        try
        {
            int code = await ExitCodes.RunAsync(() => throw (Exception)Activator.CreateInstance(thrown, "told")!);

            Assert.Equal(expected, code);
            Assert.Contains(told, error.ToString(), StringComparison.Ordinal);
            Assert.Equal(expected == ExitCodes.Fault, error.ToString().Contains("   at ", StringComparison.Ordinal));
        }
        finally
        {
            Console.SetError(before);
        }
    }

    [Fact]
    public async Task Neither_colours_nor_bars_go_where_no_terminal_is()
    {
        foreach (string[] arguments in (string[][])
            [["list"], ["info", "tiny"], ["bench", "-m", "tiny", "-p", "2", "-n", "2", "-r", "1"], ["run", "Hi", "-m", "tiny"]])
        {
            Smollm3.Result result = await Smollm3.RunAsync(arguments);

            Assert.Equal(0, result.ExitCode);
            Assert.DoesNotContain("\e", result.Text + result.Error, StringComparison.Ordinal);
        }
    }
}
