//go:build cgo

package main

import (
	"errors"
	"math"
	"strings"

	sherpa "github.com/k2-fsa/sherpa-onnx-go/sherpa_onnx"

	"hotline/internal/speech"
)

// other is a model that sherpa-onnx's own recogniser decodes.
type other struct {
	recogniser *sherpa.OfflineRecognizer
	senseVoice bool
}

func loadSherpa(kind, folder string, threads int) (*other, error) {
	var config sherpa.OfflineRecognizerConfig
	config.FeatConfig = sherpa.FeatureConfig{SampleRate: whisperRate, FeatureDim: 80}
	config.DecodingMethod = "greedy_search"
	config.ModelConfig.NumThreads = threads
	config.ModelConfig.Provider = "cpu"
	file := func(pattern string) string {
		path, _ := modelFile(folder, pattern) // modelKind has seen it
		return path
	}
	config.ModelConfig.Tokens = file("*tokens.txt")
	switch kind {
	case kindSenseVoice:
		config.ModelConfig.SenseVoice = sherpa.OfflineSenseVoiceModelConfig{Model: file("model*.onnx"), Language: "auto", UseInverseTextNormalization: 0}
	case kindParaformer:
		config.ModelConfig.Paraformer.Model = file("model*.onnx")
	case kindTransducer:
		config.ModelConfig.Transducer = sherpa.OfflineTransducerModelConfig{
			Encoder: file("*encoder*.onnx"), Decoder: file("*decoder*.onnx"), Joiner: file("*joiner*.onnx"),
		}
		config.DecodingMethod, config.MaxActivePaths = "modified_beam_search", 4 // the one that takes hot words
		if words, err := modelFile(folder, "hotwords.txt"); err == nil {
			config.HotwordsFile, config.HotwordsScore = words, 1.5
			config.ModelConfig.ModelingUnit = "cjkchar"
		}
	}
	r := sherpa.NewOfflineRecognizer(&config)
	if r == nil {
		return nil, errors.New("sherpa-onnx does not accept it")
	}
	return &other{recogniser: r, senseVoice: kind == kindSenseVoice}, nil
}

func (o *other) hear(sound []float32, request *speech.Hear) (*speech.Heard, error) {
	sound = speech.Resample(sound, request.Rate, whisperRate)
	stream := sherpa.NewOfflineStream(o.recogniser)
	defer sherpa.DeleteOfflineStream(stream)
	stream.AcceptWaveform(whisperRate, sound)
	o.recogniser.Decode(stream)
	result := stream.GetResult()
	if result == nil {
		return nil, errors.New("the model gave no result")
	}
	heard := &speech.Heard{Lang: o.lang(result, request), Units: []speech.Unit{}}
	end := len(sound) * 1000 / whisperRate
	for i, token := range result.Tokens {
		u := speech.Unit{Text: strings.TrimLeft(token, "▁ "), End: end}
		if i < len(result.Timestamps) {
			u.Start = int(1000 * result.Timestamps[i])
		}
		if i+1 < len(result.Timestamps) {
			u.End = int(1000 * result.Timestamps[i+1])
		}
		if i < len(result.YsLogProbs) {
			u.Sure = math.Exp(float64(result.YsLogProbs[i]))
		}
		if u.Text != "" && !strings.HasPrefix(u.Text, "<|") {
			u.End = min(u.End, u.Start+longestUnit)
			heard.Units = appendUnit(heard.Units, u)
		}
	}
	return heard, nil
}

// longestUnit bounds the time of a character whose end the model does not tell, in milliseconds.
const longestUnit = 600

// lang is what SenseVoice says of the language ("<|zh|>"), else the one that is expected.
func (o *other) lang(result *sherpa.OfflineRecognizerResult, request *speech.Hear) string {
	if lang := strings.Trim(result.Lang, "<|>"); o.senseVoice && lang != "" {
		return lang
	}
	if len(request.Lang) > 0 {
		return request.Lang[0]
	}
	return "zh"
}
